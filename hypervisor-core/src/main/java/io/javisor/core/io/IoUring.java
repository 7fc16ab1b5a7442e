package io.javisor.core.io;

import static io.javisor.core.io.abi.IoUringConstants.IORING_CQ_EVENTFD_DISABLED;
import static io.javisor.core.io.abi.IoUringConstants.IORING_ENTER_GETEVENTS;
import static io.javisor.core.io.abi.IoUringConstants.IORING_FEAT_NODROP;
import static io.javisor.core.io.abi.IoUringConstants.IORING_FEAT_SINGLE_MMAP;
import static io.javisor.core.io.abi.IoUringConstants.IORING_OFF_SQES;
import static io.javisor.core.io.abi.IoUringConstants.IORING_OFF_SQ_RING;
import static io.javisor.core.io.abi.IoUringConstants.IORING_REGISTER_ENABLE_RINGS;
import static io.javisor.core.io.abi.IoUringConstants.IORING_REGISTER_EVENTFD;
import static io.javisor.core.io.abi.IoUringConstants.IORING_REGISTER_RESTRICTIONS;
import static io.javisor.core.io.abi.IoUringConstants.IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
import static io.javisor.core.io.abi.IoUringConstants.IORING_RESTRICTION_SQE_OP;
import static io.javisor.core.io.abi.IoUringConstants.IORING_SETUP_CQSIZE;
import static io.javisor.core.io.abi.IoUringConstants.IORING_SETUP_DEFER_TASKRUN;
import static io.javisor.core.io.abi.IoUringConstants.IORING_SETUP_R_DISABLED;
import static io.javisor.core.io.abi.IoUringConstants.IORING_SETUP_SINGLE_ISSUER;
import static io.javisor.core.io.abi.IoUringConstants.IORING_SETUP_SUBMIT_ALL;
import static io.javisor.core.io.abi.IoUringConstants.IORING_SETUP_TASKRUN_FLAG;
import static io.javisor.core.io.abi.IoUringConstants.IORING_SQ_CQ_OVERFLOW;
import static io.javisor.core.io.abi.IoUringConstants.IORING_SQ_TASKRUN;
import static io.javisor.core.io.abi.IoUringConstants.IOSQE_ASYNC;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.io.abi.IoCqringOffsetsLayout;
import io.javisor.core.io.abi.IoSqringOffsetsLayout;
import io.javisor.core.io.abi.IoUringCqeLayout;
import io.javisor.core.io.abi.IoUringParamsLayout;
import io.javisor.core.io.abi.IoUringRestrictionLayout;
import io.javisor.core.io.abi.IoUringSqeLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A pair of rings shared with the kernel (io_uring(7)): requests go in, completions come out. It is made by any thread; the first that
 * submits is the only one that may use it from then on ({@code IORING_SETUP_SINGLE_ISSUER}), and the kernel finishes requests only when
 * that thread calls ({@code IORING_SETUP_DEFER_TASKRUN}, Linux 6.1): nothing interrupts it, and no completion comes unforeseen.
 *
 * <p>A {@link CompletionSignal} is given when there is something to fetch, unless it is muted.
 */
final class IoUring implements AutoCloseable {
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final int SETUP_FLAGS = IORING_SETUP_CQSIZE
            | IORING_SETUP_R_DISABLED
            | IORING_SETUP_SUBMIT_ALL
            | IORING_SETUP_TASKRUN_FLAG
            | IORING_SETUP_SINGLE_ISSUER
            | IORING_SETUP_DEFER_TASKRUN;
    private static final int NEEDED_FEATURES = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP;

    private final Fd fd;
    private final CompletionSignal completions;
    private final MemorySegment rings;
    private final MemorySegment sqes;
    private final long sqHeadOffset;
    private final long sqTailOffset;
    private final long sqFlagsOffset;
    private final int sqEntries;
    private final long cqHeadOffset;
    private final long cqTailOffset;
    private final long cqFlagsOffset;
    private final long cqesOffset;
    private final int cqMask;
    private int sqTail;
    private int cqHead;
    private boolean enabled;
    private long userData;
    private int result;

    /**
     * Makes a ring.
     *
     * @param name what it is for, for messages
     * @param sqEntries how many requests can be queued, rounded up to a power of two
     * @param cqEntries how many completions have room, at least as many, rounded up to a power of two
     * @param operations all that it can be asked for, opcodes of {@code IORING_OP_*}: whoever gets hold of the process can do no more by it,
     *     for what a ring is asked for no seccomp filter sees
     * @throws HostException with ENOSYS, EPERM or EINVAL if this host has no such io_uring ({@link IoUringProbe})
     */
    IoUring(String name, int sqEntries, int cqEntries, int... operations) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = arena.allocate(IoUringParamsLayout.SIZE, Long.BYTES);
            params.set(ValueLayout.JAVA_INT, IoUringParamsLayout.FLAGS_OFFSET, SETUP_FLAGS);
            params.set(ValueLayout.JAVA_INT, IoUringParamsLayout.CQ_ENTRIES_OFFSET, cqEntries);
            fd = Fd.own("io_uring of " + name, Libc.ioUringSetup(sqEntries, params.address()));
            MemorySegment mappedRings = MemorySegment.NULL;
            MemorySegment mappedSqes = MemorySegment.NULL;
            CompletionSignal made = null;
            try {
                int features = params.get(ValueLayout.JAVA_INT, IoUringParamsLayout.FEATURES_OFFSET);
                if ((features & NEEDED_FEATURES) != NEEDED_FEATURES) {
                    throw new HostException("io_uring_setup(): no SINGLE_MMAP and NODROP", Errno.EINVAL);
                }
                this.sqEntries = params.get(ValueLayout.JAVA_INT, IoUringParamsLayout.SQ_ENTRIES_OFFSET);
                int roundedCqEntries = params.get(ValueLayout.JAVA_INT, IoUringParamsLayout.CQ_ENTRIES_OFFSET);
                cqMask = roundedCqEntries - 1;
                long arrayOffset = sqOffset(params, IoSqringOffsetsLayout.ARRAY_OFFSET);
                sqHeadOffset = sqOffset(params, IoSqringOffsetsLayout.HEAD_OFFSET);
                sqTailOffset = sqOffset(params, IoSqringOffsetsLayout.TAIL_OFFSET);
                sqFlagsOffset = sqOffset(params, IoSqringOffsetsLayout.FLAGS_OFFSET);
                cqHeadOffset = cqOffset(params, IoCqringOffsetsLayout.HEAD_OFFSET);
                cqTailOffset = cqOffset(params, IoCqringOffsetsLayout.TAIL_OFFSET);
                cqFlagsOffset = cqOffset(params, IoCqringOffsetsLayout.FLAGS_OFFSET);
                cqesOffset = cqOffset(params, IoCqringOffsetsLayout.CQES_OFFSET);
                long ringsSizeBytes = Math.max(
                        arrayOffset + (long) this.sqEntries * Integer.BYTES,
                        cqesOffset + (long) roundedCqEntries * IoUringCqeLayout.SIZE);
                mappedRings = map(ringsSizeBytes, IORING_OFF_SQ_RING);
                mappedSqes = map((long) this.sqEntries * IoUringSqeLayout.SIZE, IORING_OFF_SQES);
                rings = mappedRings;
                sqes = mappedSqes;
                // Entry i of the ring always names entry i of the queue.
                for (int i = 0; i < this.sqEntries; i++) {
                    rings.set(ValueLayout.JAVA_INT, arrayOffset + (long) i * Integer.BYTES, i);
                }
                made = new CompletionSignal(name);
                completions = made;
                MemorySegment eventFdNumber = arena.allocateFrom(
                        ValueLayout.JAVA_INT, made.eventFd().fd().value());
                register(IORING_REGISTER_EVENTFD, eventFdNumber.address(), 1);
                restrict(arena, operations);
            } catch (Throwable e) {
                unmap(mappedRings);
                unmap(mappedSqes);
                if (made != null) {
                    made.close();
                }
                fd.close();
                throw e;
            }
        }
    }

    private static long sqOffset(MemorySegment params, long field) {
        return Integer.toUnsignedLong(params.get(ValueLayout.JAVA_INT, IoUringParamsLayout.SQ_OFF_OFFSET + field));
    }

    private static long cqOffset(MemorySegment params, long field) {
        return Integer.toUnsignedLong(params.get(ValueLayout.JAVA_INT, IoUringParamsLayout.CQ_OFF_OFFSET + field));
    }

    private MemorySegment map(long sizeBytes, long offset) {
        int protection = HostConstants.PROT_READ | HostConstants.PROT_WRITE;
        int flags = HostConstants.MAP_SHARED | HostConstants.MAP_POPULATE;
        long hva = Libc.check(
                "mmap(" + fd + ", length=" + sizeBytes + ", offset=0x" + Long.toHexString(offset) + ")",
                Libc.mmap(0, sizeBytes, protection, flags, fd.value(), offset));
        return Libc.segmentAt(hva, sizeBytes);
    }

    private static void unmap(MemorySegment mapping) {
        if (mapping.byteSize() > 0) {
            int _ = Libc.check("munmap", Libc.munmap(mapping.address(), mapping.byteSize()));
        }
    }

    private void register(int opcode, long argumentHva, int argumentCount) {
        int _ = Libc.check(
                "io_uring_register(" + fd + ", opcode=" + opcode + ")",
                Libc.ioUringRegister(fd.value(), opcode, argumentHva, argumentCount));
    }

    private void restrict(Arena arena, int[] operations) {
        MemorySegment allowed =
                arena.allocate((operations.length + 1L) * IoUringRestrictionLayout.SIZE, IoUringRestrictionLayout.SIZE);
        long at = 0;
        for (int operation : operations) {
            allow(allowed, at, IORING_RESTRICTION_SQE_OP, IoUringRestrictionLayout.SQE_OP_OFFSET, operation);
            at += IoUringRestrictionLayout.SIZE;
        }
        allow(
                allowed,
                at,
                IORING_RESTRICTION_SQE_FLAGS_ALLOWED,
                IoUringRestrictionLayout.SQE_FLAGS_OFFSET,
                IOSQE_ASYNC);
        register(IORING_REGISTER_RESTRICTIONS, allowed.address(), operations.length + 1);
    }

    private static void allow(MemorySegment allowed, long at, int kind, int offset, int value) {
        allowed.set(ValueLayout.JAVA_SHORT, at + IoUringRestrictionLayout.OPCODE_OFFSET, (short) kind);
        allowed.set(ValueLayout.JAVA_BYTE, at + offset, (byte) value);
    }

    /** Readable when there is something to fetch. */
    CompletionSignal completions() {
        return completions;
    }

    /**
     * Queues a request: the fields of {@code struct io_uring_sqe}. Returns false if the queue is full; {@link #enter} empties it.
     *
     * @param userData what its completion has as {@link #userData}
     */
    boolean queue(
            int opcode, int flags, int fileFd, long offset, long address, int length, int rwFlags, long userData) {
        if (queuedCount() == sqEntries) {
            return false;
        }
        long sqe = (long) (sqTail & (sqEntries - 1)) * IoUringSqeLayout.SIZE;
        // The fields that are not named here are zero from the start.
        sqes.set(ValueLayout.JAVA_BYTE, sqe + IoUringSqeLayout.OPCODE_OFFSET, (byte) opcode);
        sqes.set(ValueLayout.JAVA_BYTE, sqe + IoUringSqeLayout.FLAGS_OFFSET, (byte) flags);
        sqes.set(ValueLayout.JAVA_INT, sqe + IoUringSqeLayout.FD_OFFSET, fileFd);
        sqes.set(ValueLayout.JAVA_LONG, sqe + IoUringSqeLayout.OFF_OFFSET, offset);
        sqes.set(ValueLayout.JAVA_LONG, sqe + IoUringSqeLayout.ADDR_OFFSET, address);
        sqes.set(ValueLayout.JAVA_INT, sqe + IoUringSqeLayout.LEN_OFFSET, length);
        sqes.set(ValueLayout.JAVA_INT, sqe + IoUringSqeLayout.RW_FLAGS_OFFSET, rwFlags);
        sqes.set(ValueLayout.JAVA_LONG, sqe + IoUringSqeLayout.USER_DATA_OFFSET, userData);
        sqTail++;
        // Release: the entry before the tail that gives it away. Pairs with the kernel's acquire of the tail.
        INT.setRelease(rings, sqTailOffset, sqTail);
        return true;
    }

    /** How many requests the kernel has not taken yet. */
    int queuedCount() {
        // Acquire: the kernel has read an entry before it moves the head past it, and only then may it be written anew.
        return sqTail - (int) INT.getAcquire(rings, sqHeadOffset);
    }

    /**
     * Hands over what is queued, and has the kernel finish what can be finished, without waiting. The first call makes the caller the
     * only thread that may use the ring.
     *
     * @return how many requests the kernel took, or a negated errno: EAGAIN and EBUSY for want of memory, EINTR
     */
    int enter() {
        return enter(IORING_ENTER_GETEVENTS);
    }

    /** As {@link #enter}, but what can be finished only now is left for then. */
    int handOver() {
        return enter(0);
    }

    private int enter(int flags) {
        if (!enabled) {
            register(IORING_REGISTER_ENABLE_RINGS, 0, 0);
            enabled = true;
        }
        return Libc.ioUringEnter(fd.value(), queuedCount(), 0, flags);
    }

    /** Takes the next completion, if there is one, into {@link #userData} and {@link #result}. */
    boolean next() {
        // Acquire: the tail before the entries that it covers. Pairs with the kernel's release of the tail.
        if (cqHead == (int) INT.getAcquire(rings, cqTailOffset)) {
            return false;
        }
        long cqe = cqesOffset + (long) (cqHead & cqMask) * IoUringCqeLayout.SIZE;
        userData = rings.get(ValueLayout.JAVA_LONG, cqe + IoUringCqeLayout.USER_DATA_OFFSET);
        result = rings.get(ValueLayout.JAVA_INT, cqe + IoUringCqeLayout.RES_OFFSET);
        cqHead++;
        // Release: the entry is read before the head lets the kernel write it anew. Pairs with the kernel's acquire of
        // the head.
        INT.setRelease(rings, cqHeadOffset, cqHead);
        return true;
    }

    /** Of the completion that {@link #next} took. */
    long userData() {
        return userData;
    }

    /** Of the completion that {@link #next} took: {@code res}, as a system call returns it, errors as negated errno. */
    int result() {
        return result;
    }

    /** Whether {@link #enter} would bring completions: some wait to be finished, or found no room in the ring. */
    boolean needsEnter() {
        int flags = (int) INT.getAcquire(rings, sqFlagsOffset);
        return (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
    }

    /** Whether {@link #next} has one. */
    boolean hasNext() {
        return cqHead != (int) INT.getAcquire(rings, cqTailOffset);
    }

    /** Has nothing signalled while whoever it would wake is here. */
    void muteSignal() {
        INT.setVolatile(rings, cqFlagsOffset, IORING_CQ_EVENTFD_DISABLED);
    }

    /**
     * Has completions signalled again. What came since they were muted was not: to be asked for afterwards, by {@link #hasNext} and
     * {@link #needsEnter}.
     */
    void unmuteSignal() {
        INT.setVolatile(rings, cqFlagsOffset, 0);
        // The flag before the reads that follow. Pairs with the kernel, which sets
        // IORING_SQ_TASKRUN before it reads the flag, so that one of the two sees the other.
        VarHandle.fullFence();
    }

    /** Unmaps the rings. The kernel must have finished every request: it may still write to the memory that they name. */
    @Override
    public void close() {
        unmap(sqes);
        unmap(rings);
        fd.close();
        completions.close();
    }

    @Override
    public String toString() {
        return fd.toString();
    }
}
