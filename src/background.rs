//! Work that runs beside the main flow, whose result is waited for where it is needed, and not before.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A result that a thread is working on. Dropping it abandons the work.
pub struct Background<T>(Arc<Mutex<State<T>>>);

enum State<T> {
    Running(Option<JoinHandle<T>>),
    Done(T),
}

impl<T: Clone + Send + 'static> Background<T> {
    /// Begins the work.
    pub fn start(work: impl FnOnce() -> T + Send + 'static) -> Self {
        Background(Arc::new(Mutex::new(State::Running(Some(std::thread::spawn(work))))))
    }

    /// A result that is there already.
    pub fn ready(value: T) -> Self {
        Background(Arc::new(Mutex::new(State::Done(value))))
    }

    /// Waits for the result. The work itself has a time limit; this adds none.
    pub fn wait(&self) -> T {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Running(thread) = &mut *state {
            let thread = thread.take().expect("a thread is taken out only while the lock is held, and then joined");
            match thread.join() {
                Ok(value) => *state = State::Done(value),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        match &*state {
            State::Done(value) => value.clone(),
            State::Running(_) => unreachable!("joined above"),
        }
    }
}

impl<T> Clone for Background<T> {
    fn clone(&self) -> Self {
        Background(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_who_waits_gets_the_result() {
        let work = Background::start(|| 7);
        let other = work.clone();
        assert_eq!((work.wait(), other.wait(), work.wait()), (7, 7, 7));
        assert_eq!(Background::ready("x").wait(), "x");
    }
}
