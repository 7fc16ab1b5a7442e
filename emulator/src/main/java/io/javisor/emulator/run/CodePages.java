package io.javisor.emulator.run;

import io.javisor.core.memory.WriteObserver;
import io.javisor.emulator.mmu.WriteWatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of guest memory the vCPUs of a VM have made code from, with a mask of 64-byte lines for each. Any thread; allocates nothing but
 * a table for each 128 MiB in which there is code.
 *
 * <p>A page is marked before its bytes are read. Whoever marked it keeps blocks only when all vCPUs have heard of it and given up the right
 * to write there without being asked ({@link #settled}). A write to a marked line unmarks the page and tells all vCPUs, which drop what
 * they made of it.
 */
public final class CodePages implements WriteObserver {
    private static final int PAGE_SHIFT = 12;
    private static final int CHUNK_SHIFT = 15;
    private static final int CHUNK_GPA_SHIFT = PAGE_SHIFT + CHUNK_SHIFT;
    private static final int CHUNK = 1 << CHUNK_SHIFT;
    private static final int LINE_SHIFT = 6;
    /** No code is kept from here on. */
    private static final long LIMIT_GPA = 1L << 44;

    private static final VarHandle MASK = MethodHandles.arrayElementVarHandle(long[].class);

    private final AtomicReferenceArray<long[]> chunks;
    private final List<CodeRequests> clients = new CopyOnWriteArrayList<>();

    /** How many threads have marked a page and not told all vCPUs yet. */
    private final AtomicInteger marking = new AtomicInteger();

    /** @param endGpa where guest memory ends: there is no code from there on */
    public CodePages(long endGpa) {
        chunks = new AtomicReferenceArray<>((int) ((Math.min(endGpa, LIMIT_GPA) >>> CHUNK_GPA_SHIFT) + 1));
    }

    /** A vCPU takes part. */
    void add(CodeRequests client) {
        clients.add(client);
    }

    void remove(CodeRequests client) {
        clients.remove(client);
    }

    private long @Nullable [] chunk(long gpa) {
        long number = gpa >>> CHUNK_GPA_SHIFT;
        return number < chunks.length() ? chunks.get((int) number) : null;
    }

    private static int index(long gpa) {
        return (int) (gpa >>> PAGE_SHIFT) & CHUNK - 1;
    }

    /** Bytes {@code start} to {@code end} - 1 of a page, as a mask of lines. */
    static long lines(int start, int end) {
        int first = start >>> LINE_SHIFT;
        int last = (end - 1) >>> LINE_SHIFT;
        return (-1L << first) & (-1L >>> (63 - last));
    }

    boolean isMarked(long gpa) {
        long[] chunk = chunk(gpa);
        return chunk != null && (long) MASK.getVolatile(chunk, index(gpa)) != 0;
    }

    /** Whether a page has these lines among those that are marked. */
    boolean hasLines(long pageGpa, long lines) {
        long[] chunk = chunk(pageGpa);
        return chunk != null && ((long) MASK.getVolatile(chunk, index(pageGpa)) & lines) == lines;
    }

    /** Marks lines of a page. {@code by} has given up its right to write there. */
    void mark(long pageGpa, long lines, CodeRequests by) {
        long[] chunk = chunk(pageGpa);
        if (chunk == null) {
            if (pageGpa >= LIMIT_GPA) {
                return;
            }
            long[] fresh = new long[CHUNK];
            long[] other = chunks.compareAndExchange((int) (pageGpa >>> CHUNK_GPA_SHIFT), null, fresh);
            chunk = other == null ? fresh : other;
        }
        marking.getAndIncrement();
        long before = (long) MASK.getAndBitwiseOr(chunk, index(pageGpa), lines);
        if (before == 0) {
            for (CodeRequests client : clients) {
                if (client != by) {
                    client.protect(pageGpa);
                }
            }
        }
        marking.getAndDecrement();
    }

    /** Whether there is another vCPU than one. */
    boolean isShared() {
        return clients.size() > 1;
    }

    /** Whether all vCPUs have heard of all pages that are marked now. */
    boolean settled(CodeRequests by) {
        if (marking.get() != 0) {
            return false;
        }
        for (CodeRequests client : clients) {
            if (client != by && !client.idle()) {
                return false;
            }
        }
        return true;
    }

    /** What a vCPU's memory tells of its writes, for its {@code Mmu} and {@code LinearMemory}. */
    public WriteWatch watch() {
        return new WriteWatch() {
            @Override
            public boolean isWatched(long pageGpa) {
                return isMarked(pageGpa);
            }

            @Override
            public void written(long gpa, int size) {
                boolean _ = writtenInPage(gpa, size);
            }
        };
    }

    /** A device, or who else is no vCPU, has written. */
    @Override
    public void written(long gpa, long length) {
        VarHandle.fullFence(); // before isMarked, too
        long at = gpa;
        long end = gpa + length;
        while (at < end) {
            long pageEnd = Math.min(end, (at & -4096L) + 4096);
            if (isMarked(at)) {
                writtenInPage(at, (int) (pageEnd - at));
            }
            at = pageEnd;
        }
    }

    /** {@code size} bytes were written, all in one marked page. Whether there was code in them. */
    boolean writtenInPage(long gpa, int size) {
        // The bytes are there before the mask is looked at; whoever marks does it the other way round.
        VarHandle.fullFence();
        long[] chunk = chunk(gpa);
        if (chunk == null) {
            return false;
        }
        int start = (int) gpa & 4095;
        long lines = lines(start, start + size);
        if (((long) MASK.getVolatile(chunk, index(gpa)) & lines) == 0) {
            return false;
        }
        forget(chunk, gpa & -4096L);
        return true;
    }

    private void forget(long[] chunk, long pageGpa) {
        MASK.setVolatile(chunk, index(pageGpa), 0L);
        for (CodeRequests client : clients) {
            client.drop(pageGpa);
        }
    }
}
