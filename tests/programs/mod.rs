//! az and other tools as processes: what they inherit, and that none outlives azfob.

mod ends;
mod inherits;
mod no_room;
mod unfit;
mod waits;
