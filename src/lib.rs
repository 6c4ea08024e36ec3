#![forbid(unsafe_code)]
//! core
pub mod deadline;
pub mod entra {
    #![allow(missing_docs)]
    pub mod cloud;
}
pub mod env;
pub mod http;
pub mod secret;
pub mod timestamp;
pub mod vault {
    #![allow(missing_docs)]
    pub mod reference;
    pub mod url;
}
