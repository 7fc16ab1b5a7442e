package io.javisor.emulator.emit;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory for emitted code: one file in memory, mapped twice, writable here and executable there, so that no page is both. Where the
 * host refuses that (vm.memfd_noexec=2) one private mapping is both; where it refuses that, too, there is no engine.
 *
 * <p>Not for several threads; nobody may run the code when it is closed.
 */
public final class CodeMemory implements AutoCloseable {
    private static final long PAGE_SIZE = 4096;

    private final long writableHva;
    private final long executableHva;
    private final int sizeBytes;
    private final MemorySegment bytes;

    private CodeMemory(long writableHva, long executableHva, int sizeBytes) {
        this.writableHva = writableHva;
        this.executableHva = executableHva;
        this.sizeBytes = sizeBytes;
        this.bytes = Libc.segmentAt(writableHva, sizeBytes);
    }

    /**
     * Maps {@code sizeBytes} bytes, a multiple of 4096.
     *
     * @throws HostException if the host allows no executable memory; the message says what to change
     */
    public static CodeMemory map(int sizeBytes) {
        int fd = Libc.memfdCreate("javisor-code", HostConstants.MFD_CLOEXEC);
        if (fd >= 0) {
            try (Fd file = Fd.own("memfd_create(javisor-code)", fd)) {
                int _ = Libc.check(
                        "ftruncate(javisor-code, " + sizeBytes + ")", Libc.ftruncate(file.value(), sizeBytes));
                CodeMemory memory = mapTwice(file.value(), sizeBytes);
                if (memory != null) {
                    return memory;
                }
            }
        }
        int flags = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS;
        int protection = HostConstants.PROT_READ | HostConstants.PROT_WRITE | HostConstants.PROT_EXEC;
        long both = Libc.mmap(0, sizeBytes, protection, flags, -1, 0);
        if (both < 0) {
            throw new HostException(
                    "the software engine needs executable memory, which this host refuses (sysctl vm.memfd_noexec=0"
                            + " allows it, or a security module's setting)",
                    (int) -both);
        }
        return new CodeMemory(both, both, sizeBytes);
    }

    private static @Nullable CodeMemory mapTwice(int fd, int sizeBytes) {
        int shared = HostConstants.MAP_SHARED;
        int readable = HostConstants.PROT_READ;
        long writable = Libc.mmap(0, sizeBytes, readable | HostConstants.PROT_WRITE, shared, fd, 0);
        if (writable < 0) {
            return null;
        }
        long executable = Libc.mmap(0, sizeBytes, readable | HostConstants.PROT_EXEC, shared, fd, 0);
        if (executable < 0) {
            int _ = Libc.munmap(writable, sizeBytes);
            return null;
        }
        return new CodeMemory(writable, executable, sizeBytes);
    }

    /** Where code is written. */
    public MemorySegment bytes() {
        return bytes;
    }

    /** The same where it runs, to be read. */
    public MemorySegment executableBytes() {
        return Libc.segmentAt(executableHva, sizeBytes);
    }

    /**
     * Code from {@code start} to {@code end} is not written to for now: a host that counts its pages need not count them for both mappings.
     * They stay where the code runs, and come back here with the next access.
     */
    public void forgetWriting(int start, int end) {
        long first = (start + PAGE_SIZE - 1) & -PAGE_SIZE;
        long length = (end & -PAGE_SIZE) - first;
        if (executableHva != writableHva && length > 0) {
            Libc.check("madvise(javisor-code)", Libc.madvise(writableHva + first, length, HostConstants.MADV_DONTNEED));
        }
    }

    /** The address at which the byte at {@code offset} runs. */
    public long executableHva(int offset) {
        return executableHva + offset;
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void close() {
        int _ = Libc.munmap(writableHva, sizeBytes);
        if (executableHva != writableHva) {
            int _ = Libc.munmap(executableHva, sizeBytes);
        }
    }
}
