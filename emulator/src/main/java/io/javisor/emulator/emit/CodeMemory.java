package io.javisor.emulator.emit;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory for emitted code: one file in memory, mapped twice, writable here and executable there, so that no page is both. Where the
 * host refuses that one private mapping is both, as the JVM's own code has it; where it refuses that, too, there is no engine.
 *
 * <p>Linux 6.3 to 6.5 with {@code vm.memfd_noexec=2} make no file in memory that is not said to be no program; as such, it can be mapped
 * executable all the same. Later ones say so themselves.
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

    /** What may be refused. */
    interface Host {
        /** As memfd_create(2). */
        int file(int flags);

        /** As mmap(2). */
        long map(long length, int protection, int flags, int fd);
    }

    private static final Host LINUX = new Host() {
        @Override
        public int file(int flags) {
            return Libc.memfdCreate("javisor-code", flags);
        }

        @Override
        public long map(long length, int protection, int flags, int fd) {
            return Libc.mmap(0, length, protection, flags, fd, 0);
        }
    };

    /**
     * Maps {@code sizeBytes} bytes, a multiple of 4096.
     *
     * @throws HostException if the host allows no executable memory; the message says what to change
     */
    public static CodeMemory map(int sizeBytes) {
        return map(sizeBytes, LINUX);
    }

    static CodeMemory map(int sizeBytes, Host host) {
        int fd = host.file(HostConstants.MFD_CLOEXEC);
        if (fd < 0) {
            fd = host.file(HostConstants.MFD_CLOEXEC | HostConstants.MFD_NOEXEC_SEAL);
        }
        if (fd >= 0) {
            try (Fd file = Fd.own("memfd_create(javisor-code)", fd)) {
                int _ = Libc.check(
                        "ftruncate(javisor-code, " + sizeBytes + ")", Libc.ftruncate(file.value(), sizeBytes));
                CodeMemory memory = mapTwice(file.value(), sizeBytes, host);
                if (memory != null) {
                    return memory;
                }
            }
        }
        return mapOnce(sizeBytes, host);
    }

    /**
     * As {@link #map(int)}, as one mapping without a file if there is a map for perf, which looks into that for such memory only.
     *
     * @throws HostException if the host allows no executable memory
     */
    public static CodeMemory map(int sizeBytes, @Nullable PerfMap perfMap) {
        return perfMap == null ? map(sizeBytes) : mapOnce(sizeBytes, LINUX);
    }

    private static CodeMemory mapOnce(int sizeBytes, Host host) {
        int flags = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS;
        int protection = HostConstants.PROT_READ | HostConstants.PROT_WRITE | HostConstants.PROT_EXEC;
        long both = host.map(sizeBytes, protection, flags, -1);
        if (both < 0) {
            throw new HostException(
                    "the software engine needs executable memory, which this host refuses (a security module's or"
                            + " service manager's setting, such as systemd's MemoryDenyWriteExecute=)",
                    (int) -both);
        }
        return new CodeMemory(both, both, sizeBytes);
    }

    private static @Nullable CodeMemory mapTwice(int fd, int sizeBytes, Host host) {
        int shared = HostConstants.MAP_SHARED;
        int readable = HostConstants.PROT_READ;
        long writable = host.map(sizeBytes, readable | HostConstants.PROT_WRITE, shared, fd);
        if (writable < 0) {
            return null;
        }
        long executable = host.map(sizeBytes, readable | HostConstants.PROT_EXEC, shared, fd);
        if (executable < 0) {
            int _ = Libc.munmap(writable, sizeBytes);
            return null;
        }
        return new CodeMemory(writable, executable, sizeBytes);
    }

    /** Whether no page is both writable and executable. */
    boolean isMappedTwice() {
        return executableHva != writableHva;
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
