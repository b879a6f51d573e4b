//! The write-ahead log's way home: copied into the database by a connection beside the writer, begun anew by the writer.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, mpsc};

use super::{Connection, StoreError, Tx, describe, spawn};

/// Pages of the write-ahead log that are not copied home yet at which the checkpointer copies them, beside the writer
/// (4 MiB): little at a time, so that no commit waits long behind the disk's work for it.
const COPY_PAGES: i32 = 1_024;
/// Pages at which the log is begun anew, once nearly all of it is copied (32 MiB).
const RESTART_PAGES: i32 = 8_192;
/// Pages that may be left for the writer to copy itself when it begins the log anew: it is done with so few in a moment.
const LAST_PAGES: i32 = 512;
/// Pages at which the writer copies whatever is left, so that the log cannot grow without end (64 MiB).
const MOST_PAGES: i32 = 16_384;

/// The log as the writer sees it.
pub(super) struct Log {
    copying: Arc<Copying>,
    checkpoints: mpsc::SyncSender<()>,
}

/// Where the copying of the log stands.
#[derive(Default)]
struct Copying {
    /// Pages in the log after the last commit, as SQLite tells it.
    pages: AtomicI32,
    /// How many of them are copied home.
    copied: AtomicI32,
    /// Whether the checkpointer is at it.
    asked: AtomicBool,
}

impl Log {
    /// Watches the log of this writer, and copies it home with the other connection, on a thread of its own.
    pub(super) fn watch(writer: &mut Connection, checkpointer: Connection) -> Result<Self, StoreError> {
        let (checkpoints, due) = mpsc::sync_channel(1);
        let copying = Arc::new(Copying::default());
        let (beside, told) = (copying.clone(), copying.clone());
        let hook = move |_: &mut rusqlite::hooks::Wal, pages| {
            told.pages.store(pages, Ordering::Relaxed);
            Ok(())
        };
        writer.raw.wal_hook(Some(hook)).map_err(describe)?;
        spawn("countersign-checkpoint", move || {
            checkpoint_when_due(&checkpointer, &beside, &due);
        })?;
        Ok(Self { copying, checkpoints })
    }

    /// Looked at after each commit. The log is copied home by the checkpointer while the writer goes on; the few pages that
    /// came during the last copying are copied by the writer, after which the next commit begins the log anew. Without that
    /// last step a busy log would never be begun anew, and never end.
    pub(super) fn keep_short(&self, tx: &mut Tx) {
        let copying = &self.copying;
        let pages = copying.pages.load(Ordering::Relaxed);
        let left = pages - copying.copied.load(Ordering::Acquire);
        let idle = !copying.asked.load(Ordering::Acquire);
        if pages >= MOST_PAGES || (idle && pages >= RESTART_PAGES && left <= LAST_PAGES) {
            if let Err(error) = tx.raw_batch("PRAGMA wal_checkpoint(RESTART)") {
                tracing::warn!(%error, "the write-ahead log could not be begun anew");
            }
            copying.pages.store(0, Ordering::Relaxed);
            copying.copied.store(0, Ordering::Release);
        } else if idle && left >= COPY_PAGES {
            copying.asked.store(true, Ordering::Release);
            // A channel that is full has a request in it already.
            let _ = self.checkpoints.try_send(());
        }
    }
}

fn checkpoint_when_due(connection: &Connection, copying: &Copying, due: &mpsc::Receiver<()>) {
    while due.recv().is_ok() {
        // The columns are: whether it was kept from it, pages in the log, pages of it that are copied.
        let copied = connection
            .raw
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i32>(2));
        match copied {
            Ok(copied) => copying.copied.store(copied, Ordering::Release),
            Err(error) => tracing::warn!(%error, "a checkpoint of the write-ahead log failed"),
        }
        copying.asked.store(false, Ordering::Release);
    }
}
