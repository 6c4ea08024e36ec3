//! az and other tools as processes: what they inherit, and that none outlives azfob.

mod environment;
mod not_executable;
mod progress;
mod resource_limits;
mod termination;
