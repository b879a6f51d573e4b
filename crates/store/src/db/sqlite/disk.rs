//! What is on the disk. Commits are written to the log without waiting for the disk; one sync here saves all that came during
//! the one before, and only then is anybody answered. So the writer works while the disk does, and still nobody, whoever
//! wrote or only read, is told of anything that the machine could forget.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use tokio::sync::watch;

use super::writer::Job;
use super::{StoreError, spawn};

/// What was committed together.
pub(super) struct Batch {
    /// Its place in the order of commits.
    pub(super) number: u64,
    /// Whether it changed anything, so that there is something to save.
    pub(super) changed: bool,
    /// How the commit ended.
    pub(super) outcome: Result<(), StoreError>,
    /// Who waits for it.
    pub(super) jobs: Vec<Box<dyn Job>>,
}

/// How far the commits are on the disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Saved {
    /// All commits up to this one.
    UpTo(u64),
    /// The disk failed at a sync. What it holds of the commits since then nobody knows, and a second sync would not tell:
    /// the kernel reports a lost page once. So nothing is written or told any more until the database is opened anew.
    Unknown,
}

/// The disk under the log.
pub(super) struct Disk {
    /// The number of the newest commit that a reader may see.
    visible: AtomicU64,
    saved: watch::Sender<Saved>,
}

impl Disk {
    /// Watches over the log of the database at `path`, which is open already. Batches that are sent to what this gives are
    /// answered, in their order, by a thread of its own.
    pub(super) fn under(path: &Path) -> Result<(Arc<Self>, mpsc::Sender<Batch>), StoreError> {
        let unavailable =
            |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", path.display()));
        // SQLite follows links to the file and puts the log beside what they lead to.
        let path = path.canonicalize().map_err(unavailable)?;
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        let log = File::open(log).map_err(unavailable)?;
        // SQLite saves the name of a new log with its own first sync of it, which does not come before ours.
        if let Some(folder) = path.parent() {
            File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(unavailable)?;
        }
        let disk = Arc::new(Self {
            visible: AtomicU64::new(0),
            saved: watch::Sender::new(Saved::UpTo(0)),
        });
        let (sender, queue) = mpsc::channel();
        let beside = disk.clone();
        spawn("countersign-disk", move || beside.save_and_answer(&log, &queue))?;
        Ok((disk, sender))
    }

    /// The number of the commit that comes next. Taken before it: from then on a reader may have seen it.
    pub(super) fn number_next(&self) -> u64 {
        self.visible.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// # Errors
    /// [`StoreError::Unavailable`] once a sync has failed.
    pub(super) fn must_be_sound(&self) -> Result<(), StoreError> {
        match *self.saved.borrow() {
            Saved::UpTo(_) => Ok(()),
            Saved::Unknown => Err(unknown()),
        }
    }

    /// Waits until all that a reader may have seen by now is on the disk.
    pub(super) async fn holds_what_is_visible(&self) -> Result<(), StoreError> {
        let seen = self.visible.load(Ordering::Acquire);
        let mut saved = self.saved.subscribe();
        let saved = saved
            .wait_for(|saved| match saved {
                Saved::UpTo(number) => *number >= seen,
                Saved::Unknown => true,
            })
            .await;
        match saved.as_deref() {
            Ok(Saved::UpTo(_)) => Ok(()),
            Ok(Saved::Unknown) | Err(_) => Err(unknown()),
        }
    }

    fn save_and_answer(&self, log: &File, queue: &mpsc::Receiver<Batch>) {
        let mut batches = Vec::new();
        while let Ok(first) = queue.recv() {
            batches.push(first);
            batches.extend(queue.try_iter());
            if batches.iter().any(|batch| batch.changed)
                && let Err(error) = log.sync_data()
            {
                tracing::error!(%error, "the disk failed; nothing is written any more until the server is started anew");
                self.saved.send_replace(Saved::Unknown);
            }
            let sound = self.must_be_sound();
            if let (Ok(()), Some(last)) = (&sound, batches.last()) {
                self.saved.send_replace(Saved::UpTo(last.number));
            }
            for batch in batches.drain(..) {
                for job in batch.jobs {
                    job.answer(match (&batch.outcome, &sound) {
                        (Ok(()), Ok(())) => Ok(()),
                        (Err(error), _) | (_, Err(error)) => Err(StoreError::Unavailable(error.to_string())),
                    });
                }
            }
        }
    }
}

fn unknown() -> StoreError {
    StoreError::Unavailable("the disk failed; start the server anew once it is sound".to_owned())
}
