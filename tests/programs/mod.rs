//! az and its like as programs: what they inherit, and that none of them outlives azfob.

mod ends;
mod inherits;
mod no_room;
mod unfit;
mod waits;
