//! Work that runs beside the main flow, whose result is waited for where it is needed, and not before.

pub mod progress;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::time::deadline::Deadline;

/// Room for what our threads do: requests, whose handshakes take the most. Where memory is scarce, the system's own choice
/// of several MB is more than there is.
const STACK: usize = 512 << 10;

/// Starts a thread.
///
/// # Errors
/// The system has no room for another.
pub fn thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    builder().spawn(work)
}

/// A thread of ours, about to be started.
pub fn builder() -> thread::Builder {
    thread::Builder::new().stack_size(STACK)
}

/// A result that a thread is working on. Dropping it abandons the work.
pub struct Background<T>(Arc<Mutex<State<T>>>);

type Work<T> = Box<dyn FnOnce() -> T + Send>;

enum State<T> {
    Waiting(Option<Work<T>>),
    Running(Option<JoinHandle<T>>),
    Done(T),
}

impl<T: Clone + Send + 'static> Background<T> {
    /// Begins the work. Where no thread can be started for it, whoever asks for its result first does it.
    pub fn start(work: impl FnOnce() -> T + Send + 'static) -> Self {
        Self::start_in(thread::<T>, work)
    }

    fn start_in(
        start: impl FnOnce(Work<T>) -> io::Result<JoinHandle<T>>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Self {
        // A thread that does not start takes its work with it, so that the work is kept beside it.
        let kept: Arc<Mutex<Option<Work<T>>>> = Arc::new(Mutex::new(Some(Box::new(work))));
        let own = Arc::clone(&kept);
        let take = |kept: &Mutex<Option<Work<T>>>| {
            kept.lock().unwrap_or_else(PoisonError::into_inner).take().expect("taken by one")
        };
        let state = match start(Box::new(move || take(&own)())) {
            Ok(thread) => State::Running(Some(thread)),
            Err(_) => State::Waiting(Some(take(&kept))),
        };
        Background(Arc::new(Mutex::new(state)))
    }

    /// Work that is done by whoever asks for its result first.
    pub fn lazy(work: impl FnOnce() -> T + Send + 'static) -> Self {
        Background(Arc::new(Mutex::new(State::Waiting(Some(Box::new(work))))))
    }

    /// The result of work that somebody has asked for, waited for where it is under way; none where nobody has.
    pub fn if_started(&self) -> Option<T> {
        let waiting = matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), State::Waiting(_));
        (!waiting).then(|| self.wait())
    }

    /// Waits for the result. The work itself has a time limit; this adds none.
    pub fn wait(&self) -> T {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Both are taken out only while the lock is held, and the result is put in before it is let go.
        match &mut *state {
            State::Waiting(work) => {
                let work = work.take().expect("taken once");
                *state = State::Done(work());
            }
            State::Running(thread) => match thread.take().expect("taken once").join() {
                Ok(value) => *state = State::Done(value),
                Err(panic) => std::panic::resume_unwind(panic),
            },
            State::Done(_) => {}
        }
        match &*state {
            State::Done(value) => value.clone(),
            State::Waiting(_) | State::Running(_) => unreachable!("done above"),
        }
    }

    /// Waits for the result of work that was started, until a deadline. What outlives it goes on unobserved.
    pub fn wait_until(&self, deadline: &Deadline) -> Option<T> {
        /// A thread says that it has ended only when it is asked.
        const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
        let runs = |state: &State<T>| matches!(state, State::Running(Some(thread)) if !thread.is_finished());
        while runs(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            if deadline.remaining().is_zero() {
                return None;
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Some(self.wait())
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
        let endless = Background::start(|| std::thread::sleep(Duration::from_secs(600)));
        assert_eq!(endless.wait_until(&Deadline::after(Duration::from_millis(20))), None);
        assert_eq!(work.wait_until(&Deadline::after(Duration::ZERO)), Some(7));
        let lazy = Background::lazy(move || work.wait() + 1);
        assert_eq!(lazy.if_started(), None);
        assert_eq!((lazy.wait(), lazy.wait(), lazy.if_started()), (8, 8, Some(8)));
    }
}
