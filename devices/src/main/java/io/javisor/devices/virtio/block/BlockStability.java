package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.VIRTIO_BLK_F_FLUSH;

import io.javisor.core.host.Errno;
import io.javisor.devices.virtio.VirtioFeature;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is promised of writes that completed, and whether it could be kept. On the event loop only.
 *
 * <p>Where the host can't bring a page of its cache to the disk it says so once and then takes the page for clean (fsync(2), NOTES): a
 * later sync would succeed although the data is lost. So after one that failed all do, for as long as the machine runs, whatever its guest resets.
 * Direct I/O has no such pages: what failed can be tried again.
 */
final class BlockStability {
    private static final Logger LOG = LoggerFactory.getLogger(BlockStability.class);

    private final String id;
    private final BlockDeviceConfig config;
    private final BlockConfigSpace space;
    private final BlockCounters counters;
    private boolean canFlush;

    BlockStability(String id, BlockDeviceConfig config, BlockConfigSpace space, BlockCounters counters) {
        this.id = id;
        this.config = config;
        this.space = space;
        this.counters = counters;
    }

    /** A driver has agreed on these features. */
    void negotiated(long features) {
        canFlush = VirtioFeature.has(features, VIRTIO_BLK_F_FLUSH);
    }

    /** Whether what completes is to be stable: a driver that can't flush, or has switched the cache off, is promised that (§5.2.6.2). */
    boolean writeThrough() {
        return config.cache() != CacheMode.UNSAFE && (!canFlush || !space.writeback());
    }

    /** Whether something that the guest was to find on stable storage never came there. */
    boolean isLost() {
        return counters.failedSyncs.get() > 0;
    }

    /** Whether a write would have to promise what can't be promised any more. */
    boolean refusesWrites() {
        return isLost() && writeThrough();
    }

    /** A sync has failed. */
    void syncFailed(long result) {
        if (config.cache() == CacheMode.NONE || result == -Errno.ECANCELED) {
            return;
        }
        if (!isLost()) {
            LOG.error(
                    "{}: what the guest wrote could not be brought to the disk and is lost: {}; its flushes fail from"
                            + " here on",
                    id,
                    Errno.describe((int) -result));
        }
        BlockCounters.add(counters.failedSyncs, 1);
    }

    /** A write has failed. A full disk has not taken the data; an I/O error may be one of bringing it to the disk. */
    void writeFailed(long result) {
        if (result == -Errno.EIO && writeThrough()) {
            syncFailed(result);
        }
    }
}
