//! Runs work on threads that can be abandoned.

pub mod progress;

use std::io;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::time::deadline::Deadline;

/// Enough for a TLS handshake. The default of several MB can exceed the memory of a small machine.
pub const STACK: usize = 512 << 10;

/// Starts a thread.
///
/// # Errors
/// Returns an error if the system cannot start another thread.
pub fn thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    // Boxed, so that the code that starts a thread exists once and not for each kind of work: the binary is smaller.
    let work: Work<T> = Box::new(work);
    builder().spawn(work)
}

/// Runs work that cannot be interrupted on a thread, and returns its result, or `None` after the limit. The thread is then
/// abandoned. If no thread can be started, the calling thread does the work.
pub fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Clone + Send + 'static) -> Option<T> {
    let inline = work.clone();
    on_thread(limit, work).unwrap_or_else(|_| Some(inline()))
}

/// Runs work on a thread, and returns its result, or `None` after the limit. The thread is then abandoned.
///
/// # Errors
/// Returns an error if the system cannot start another thread.
pub fn on_thread<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Option<T>> {
    // The channel has no values of its own: each type of them adds 7 KB to the binary.
    let (ended, end) = mpsc::channel();
    let result = Arc::new(Mutex::new(None));
    let inside = Arc::clone(&result);
    thread(move || {
        let found = work();
        *inside.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        ended.send(()).is_ok()
    })?;
    let has_ended = end.recv_timeout(limit).is_ok();
    Ok(result.lock().unwrap_or_else(PoisonError::into_inner).take().filter(|_| has_ended))
}

/// Returns a builder for a thread with a small stack.
pub fn builder() -> thread::Builder {
    thread::Builder::new().stack_size(STACK)
}

/// The result of work on another thread. Dropping it abandons the work.
pub struct Background<T>(Arc<Mutex<State<T>>>);

type Work<T> = Box<dyn FnOnce() -> T + Send>;

enum State<T> {
    Waiting(Option<Work<T>>),
    Running(Option<JoinHandle<T>>),
    Done(T),
}

impl<T: Clone + Send + 'static> Background<T> {
    /// Starts the work. If no thread can be started, the first caller of [`Background::wait`] does it.
    pub fn start(work: impl FnOnce() -> T + Send + 'static) -> Self {
        let work = Self::lazy(work);
        work.begin();
        work
    }

    /// Creates work that the first caller of [`Background::wait`] does.
    pub fn lazy(work: impl FnOnce() -> T + Send + 'static) -> Self {
        Background(Arc::new(Mutex::new(State::Waiting(Some(Box::new(work))))))
    }

    /// Starts lazy work on a thread, unless it has begun. If no thread can be started, it stays lazy.
    pub fn begin(&self) {
        // Locked while another thread does the work.
        let Ok(mut state) = self.0.try_lock() else { return };
        let State::Waiting(work) = &mut *state else { return };
        // If the thread does not start, its closure is lost, so the work is kept outside of it.
        let kept = Arc::new(Mutex::new(work.take()));
        let own = Arc::clone(&kept);
        let take = |kept: &Mutex<Option<Work<T>>>| {
            kept.lock().unwrap_or_else(PoisonError::into_inner).take().expect("taken once")
        };
        *state = match thread::<T>(move || take(&own)()) {
            Ok(thread) => State::Running(Some(thread)),
            Err(_) => State::Waiting(Some(take(&kept))),
        };
    }

    /// Waits for the result of work that was started. Returns `None` for lazy work that was not.
    pub fn if_started(&self) -> Option<T> {
        let waiting = matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), State::Waiting(_));
        (!waiting).then(|| self.wait())
    }

    /// Waits for the result, without a time limit: the work has its own.
    pub fn wait(&self) -> T {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Work and thread are taken while the lock is held, and the result is stored before it is released.
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

    /// Waits until a deadline for the result of work that was started. Later, the work goes on unobserved.
    pub fn wait_until(&self, deadline: &Deadline) -> Option<T> {
        /// A thread gives no signal when it ends.
        const POLL_INTERVAL: Duration = Duration::from_millis(2);
        let runs = |state: &State<T>| matches!(state, State::Running(Some(thread)) if !thread.is_finished());
        while runs(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            if deadline.remaining().is_zero() {
                return None;
            }
            std::thread::sleep(POLL_INTERVAL);
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
    fn every_waiter_gets_the_result() {
        let work = Background::start(|| 7);
        let other = work.clone();
        assert_eq!((work.wait(), other.wait(), work.wait()), (7, 7, 7));
        let endless = Background::start(|| std::thread::sleep(Duration::from_secs(600)));
        assert_eq!(endless.wait_until(&Deadline::after(Duration::from_millis(20))), None);
        assert_eq!(work.wait_until(&Deadline::after(Duration::ZERO)), Some(7));
        let lazy = Background::lazy(move || work.wait() + 1);
        assert_eq!(lazy.if_started(), None);
        assert_eq!((lazy.wait(), lazy.wait(), lazy.if_started()), (8, 8, Some(8)));
        let begun = Background::lazy(|| 9);
        begun.begin();
        begun.begin();
        assert_eq!((begun.if_started(), begun.wait()), (Some(9), 9));
    }
}
