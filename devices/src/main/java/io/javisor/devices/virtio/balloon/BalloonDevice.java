package io.javisor.devices.virtio.balloon;

import static io.javisor.devices.virtio.balloon.BalloonProtocol.*;

import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A memory balloon (virtio 1.2 §5.5): asks a guest for pages and gives them back to the host, as it does with pages that the guest reports as free;
 * the guest finds zeros there when it takes them again. Inflate and deflate queues, statistics, VIRTIO_BALLOON_F_DEFLATE_ON_OOM,
 * VIRTIO_BALLOON_F_REPORTING.
 *
 * <p>Pages are given back before the driver learns that its request is done (§5.5.6.1), on the loop: some 100 µs for each 2 MiB that were in use.
 * Deflating does nothing: memory comes back by its use. A page that is not RAM is counted and passed over, as is a request in the wrong direction; a buffer
 * that is not of whole numbers counts as far as it goes.
 *
 * <table>
 * <caption>Configuration space</caption>
 * <tr><th>offset</th><th>field</th><th>read</th><th>write</th></tr>
 * <tr><td>0</td><td>num_pages</td><td>pages of 4 KiB that the guest is asked for</td><td>counted</td></tr>
 * <tr><td>4</td><td>actual</td><td>as written</td><td>pages that it has given, 32 bits wide; kept, not believed</td></tr>
 * </table>
 *
 * <p>Queues: inflate, deflate, then statistics and reporting, as far as they were negotiated. So drivers count them that know of the two others that the
 * specification has (§5.5.2), and QEMU and Firecracker do. Left out: VIRTIO_BALLOON_F_MUST_TELL_HOST, free page hints and page poisoning: a Linux
 * that fills free pages with a pattern does not report then.
 */
public final class BalloonDevice implements VirtioDevice<BalloonState> {
    public static final int QUEUE_MAX_SIZE = 128;

    /** Each may be hundreds of pages, or megabytes. */
    private static final int REQUESTS_PER_TURN = 4;

    private static final int INFLATE = 0;
    private static final int DEFLATE = 1;
    private static final int NO_QUEUE = -1;

    /** As many page numbers as Linux sends at once. */
    private static final int BATCH_PAGES = 256;

    /** No request keeps the loop for longer than some 15 ms, where no page is another's neighbour; what is past it is passed over. */
    private static final long MAX_REQUEST_PAGES = 4096;

    /** As much as Linux reports at once: 32 blocks of 4 MiB. Of what is past it the pages stay the guest's, which it may not know. */
    private static final long MAX_REPORT_BYTES = 128L << 20;

    private static final GuestMemoryStatistic[] TAGS = GuestMemoryStatistic.values();
    private static final int MAX_STATISTICS_BYTES = 64 * STAT_SIZE;
    private static final long ABSENT = -1;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String id;
    private final BalloonSettings settings;
    private final BalloonCounters counters;
    private final Timer poll;
    private final DescriptorChain chain = new DescriptorChain(QUEUE_MAX_SIZE);
    private final MemorySegment buffer =
            MemorySegment.ofArray(new byte[Math.max(BATCH_PAGES * PFN_SIZE, MAX_STATISTICS_BYTES)]);
    private final long[] pages = new long[BATCH_PAGES];
    /** By tag; {@link #ABSENT} for what the guest has not told. Written on the loop. */
    private final AtomicLongArray told = new AtomicLongArray(TAGS.length);

    private volatile int targetPages;
    private volatile int actualPages; // written by vCPUs
    private volatile long pollNanos; // 0: never
    private @Nullable VirtioLink link;
    private int statisticsIndex = NO_QUEUE;
    private int reportingIndex = NO_QUEUE;
    private int statisticsToken = BalloonState.NONE;

    /**
     * Makes a balloon.
     *
     * @param id for messages
     * @param pollSeconds how often the guest is asked for its statistics, 0 for never
     * @param timers of the device's event loop
     * @param counters where it counts
     */
    public BalloonDevice(
            String id, BalloonSettings settings, int pollSeconds, Timers timers, BalloonCounters counters) {
        this.id = id;
        this.settings = settings;
        this.counters = counters;
        targetPages = settings.targetPages();
        pollNanos = TimeUnit.SECONDS.toNanos(pollSeconds);
        poll = timers.newTimer(id + "/statistics", this::askForStatistics);
        forgetStatistics();
    }

    // ---- the host's side ----

    /** Asks for so many pages of 4 KiB from now on. On the loop. */
    public void setTarget(int wantedPages) {
        targetPages = wantedPages;
        VirtioLink active = link;
        if (active != null) {
            active.notifyConfigChange();
        }
    }

    /** How many pages the guest is asked for. Any thread. */
    public int targetPages() {
        return targetPages;
    }

    /** How many pages the guest says that it has given, unsigned. Any thread. */
    public long actualPages() {
        return Integer.toUnsignedLong(actualPages);
    }

    /** Asks for statistics so often from now on; 0 for never. On the loop. */
    public void setPollSeconds(int seconds) {
        pollNanos = TimeUnit.SECONDS.toNanos(seconds);
        schedulePoll();
    }

    /** How often the guest is asked for its statistics; 0 for never. Any thread. */
    public int pollSeconds() {
        return (int) TimeUnit.NANOSECONDS.toSeconds(pollNanos);
    }

    /** What the guest told last of its memory, as far as it has. Any thread. */
    public Map<GuestMemoryStatistic, Long> memoryStatistics() {
        Map<GuestMemoryStatistic, Long> all = new EnumMap<>(GuestMemoryStatistic.class);
        for (int tag = 0; tag < TAGS.length; tag++) {
            long value = told.get(tag);
            if (value != ABSENT) {
                all.put(TAGS[tag], value);
            }
        }
        return all;
    }

    // ---- the driver's side ----

    @Override
    public int deviceId() {
        return DEVICE_ID;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String kind() {
        return "balloon";
    }

    @Override
    public long features() {
        return (settings.statistics() ? VirtioFeature.mask(VIRTIO_BALLOON_F_STATS_VQ) : 0)
                | (settings.deflateOnOom() ? VirtioFeature.mask(VIRTIO_BALLOON_F_DEFLATE_ON_OOM) : 0)
                | (settings.reporting() ? VirtioFeature.mask(VIRTIO_BALLOON_F_REPORTING) : 0);
    }

    @Override
    public int queueCount() {
        return 2 + (settings.statistics() ? 1 : 0) + (settings.reporting() ? 1 : 0);
    }

    @Override
    public int queueMaxSize(int index) {
        return QUEUE_MAX_SIZE;
    }

    @Override
    public int chainsPerTurn(int index, long features) {
        return REQUESTS_PER_TURN;
    }

    @Override
    public int configSizeBytes() {
        return CONFIG_SIZE;
    }

    @Override
    public long readConfig(int offset, int size, long features) {
        long space = Integer.toUnsignedLong(targetPages) | Integer.toUnsignedLong(actualPages) << 32;
        long value = space >>> (8 * offset);
        return size == Long.BYTES ? value : value & (1L << (8 * size)) - 1;
    }

    @Override
    public void writeConfig(int offset, int size, long value, long features) {
        if (offset == ACTUAL_OFFSET && size == Integer.BYTES) {
            actualPages = (int) value;
        } else {
            counters.configWrites.getAndIncrement();
        }
    }

    @Override
    public int configGeneration() {
        return 0; // no two fields change together
    }

    @Override
    public void activate(VirtioLink newLink) {
        link = newLink;
        int next = DEFLATE + 1;
        statisticsIndex = VirtioFeature.has(newLink.features(), VIRTIO_BALLOON_F_STATS_VQ) ? next++ : NO_QUEUE;
        reportingIndex = VirtioFeature.has(newLink.features(), VIRTIO_BALLOON_F_REPORTING) ? next : NO_QUEUE;
        for (int i = 0; i < queueCount(); i++) {
            work(i);
        }
        schedulePoll();
    }

    @Override
    public void queueNotified(int index) {
        work(index);
    }

    @Override
    public void resetQueue(int index, Runnable done) {
        if (index == statisticsIndex) {
            statisticsToken = BalloonState.NONE;
        }
        done.run();
    }

    @Override
    public void queueEnabled(int index, Virtqueue queue) {
        work(index);
    }

    @Override
    public void reset(Runnable done) {
        link = null;
        poll.cancel();
        actualPages = 0;
        statisticsToken = BalloonState.NONE;
        forgetStatistics();
        done.run();
    }

    @Override
    public void close() {
        poll.close();
    }

    private void work(int index) {
        VirtioLink active = link;
        Virtqueue queue = active == null ? null : active.queue(index);
        if (active == null || queue == null) {
            return;
        }
        do {
            queue.disableDoorbell();
            while (queue.take(chain)) {
                serve(active.memory(), queue, index);
            }
        } while (queue.enableDoorbell());
        if (queue.needsNotification()) {
            active.notifyUsed(index);
        }
    }

    private void serve(GuestMemory memory, Virtqueue queue, int index) {
        if (index == statisticsIndex) {
            takeStatistics(memory, queue);
            return;
        }
        if (index == INFLATE) {
            if (requireReadable(PFN_SIZE)) {
                inflate(memory);
            }
        } else if (index == DEFLATE) {
            if (requireReadable(PFN_SIZE)) {
                counters.deflatedBytes.getAndAdd((chain.readableBytes() / PFN_SIZE) << PAGE_SHIFT);
            }
        } else if (index == reportingIndex) {
            takeReport(memory);
        }
        queue.complete(chain.token(), 0);
    }

    private boolean requireReadable(int unit) {
        if (chain.writableBytes() != 0
                || chain.readableBytes() == 0
                || chain.readableBytes() % unit != 0
                || chain.readableBytes() / unit > MAX_REQUEST_PAGES) {
            counters.malformed.getAndIncrement();
        }
        return chain.readableBytes() >= unit;
    }

    private void inflate(GuestMemory memory) {
        long count = Math.min(chain.readableBytes() / PFN_SIZE, MAX_REQUEST_PAGES);
        for (long done = 0; done < count; ) {
            int batch = (int) Math.min(BATCH_PAGES, count - done);
            long _ = ChainBytes.read(memory, chain, done * PFN_SIZE, buffer, 0, (long) batch * PFN_SIZE);
            for (int i = 0; i < batch; i++) {
                pages[i] = Integer.toUnsignedLong(buffer.get(INT, (long) i * PFN_SIZE)) << PAGE_SHIFT;
            }
            inflate(memory, batch);
            done += batch;
        }
    }

    /** Linux numbers pages in any order; neighbours are given back together. */
    private void inflate(GuestMemory memory, int batch) {
        Arrays.sort(pages, 0, batch);
        for (int first = 0; first < batch; ) {
            int next = first + 1;
            while (next < batch && pages[next] == pages[next - 1] + PAGE_SIZE) {
                next++;
            }
            long bytes = (long) (next - first) << PAGE_SHIFT;
            if (memory.isRam(pages[first], bytes)) {
                counters.inflatedBytes.getAndAdd(bytes);
                counters.releasedBytes.getAndAdd(memory.discard(pages[first], bytes));
            } else {
                inflateSingly(memory, first, next);
            }
            first = next;
        }
    }

    private void inflateSingly(GuestMemory memory, int first, int next) {
        for (int i = first; i < next; i++) {
            if (memory.isRam(pages[i], PAGE_SIZE)) {
                counters.inflatedBytes.getAndAdd(PAGE_SIZE);
                counters.releasedBytes.getAndAdd(memory.discard(pages[i], PAGE_SIZE));
            } else {
                counters.badPages.getAndIncrement();
            }
        }
    }

    /** The device-writable pieces are the pages themselves (§5.5.6.6). */
    private void takeReport(GuestMemory memory) {
        if (chain.readableBytes() != 0 || chain.writableBytes() == 0 || chain.writableBytes() > MAX_REPORT_BYTES) {
            counters.malformed.getAndIncrement();
        }
        long left = MAX_REPORT_BYTES;
        for (int i = chain.readableCount(); i < chain.pieceCount() && left > 0; i++) {
            long bytes = Math.min(chain.lengthBytes(i), left);
            counters.reportedBytes.getAndAdd(bytes);
            counters.releasedBytes.getAndAdd(memory.discard(chain.gpa(i), bytes));
            left -= bytes;
        }
    }

    /** The buffer stays here until the guest is to fill it anew (§5.5.6.3). */
    private void takeStatistics(GuestMemory memory, Virtqueue queue) {
        if (statisticsToken != BalloonState.NONE) {
            counters.malformed.getAndIncrement(); // one at a time
            queue.complete(chain.token(), 0);
            return;
        }
        statisticsToken = chain.token();
        long size = Math.min(chain.readableBytes(), MAX_STATISTICS_BYTES);
        if (chain.writableBytes() != 0 || size % STAT_SIZE != 0) {
            counters.malformed.getAndIncrement();
        }
        long _ = ChainBytes.read(memory, chain, 0, buffer, 0, size);
        for (long at = 0; at + STAT_SIZE <= size; at += STAT_SIZE) {
            int tag = Short.toUnsignedInt(buffer.get(SHORT, at));
            if (tag < TAGS.length) { // others are for those who know them
                told.set(tag, buffer.get(LONG, at + STAT_VALUE_OFFSET) & Long.MAX_VALUE);
            }
        }
        counters.statisticsUpdates.getAndIncrement();
    }

    private void forgetStatistics() {
        for (int i = 0; i < TAGS.length; i++) {
            told.set(i, ABSENT);
        }
    }

    private void schedulePoll() {
        poll.cancel();
        if (pollNanos > 0 && link != null && statisticsIndex != NO_QUEUE) {
            poll.schedule(pollNanos);
        }
    }

    /** On the loop. */
    private void askForStatistics() {
        VirtioLink active = link;
        Virtqueue queue = active == null || statisticsIndex == NO_QUEUE ? null : active.queue(statisticsIndex);
        if (active != null && queue != null && statisticsToken != BalloonState.NONE) {
            queue.complete(statisticsToken, 0);
            statisticsToken = BalloonState.NONE;
            if (queue.needsNotification()) {
                active.notifyUsed(statisticsIndex);
            }
        }
        schedulePoll();
    }

    // ---- state ----

    @Override
    public BalloonState save() {
        return new BalloonState(BalloonState.VERSION, targetPages, actualPages, statisticsToken);
    }

    @Override
    public void restore(BalloonState state) {
        targetPages = state.targetPages();
        actualPages = state.actualPages();
        statisticsToken = state.statisticsToken();
    }

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }
}
