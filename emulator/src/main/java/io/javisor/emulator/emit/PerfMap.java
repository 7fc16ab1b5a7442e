package io.javisor.emulator.emit;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * By which {@code perf report} knows emitted code: {@code /tmp/perf-PID.map}, a line of {@code START SIZE NAME} for each piece, in
 * hexadecimal without 0x (tools/perf/Documentation/jit-interface.txt of Linux). One a process, made by the first that asks for it, open until the process
 * ends, and left behind: perf reads it afterwards. Any thread.
 */
public final class PerfMap {
    private static final String KERNEL = " (kernel)\n";
    private static final String USER = " (user)\n";
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_LINE = 2 * (Long.BYTES * 2 + 1) + LONGEST_NAME + 1;

    private static @Nullable PerfMap ofProcess; // guarded by the class

    private final Fd file;
    private final MemorySegment line = Arena.global().allocate(LONGEST_LINE);
    private int length;

    private PerfMap(Fd file) {
        this.file = file;
    }

    private static Path path() {
        return Path.of("/tmp/perf-" + Libc.getpid() + ".map");
    }

    private static String isThere(Path path) {
        return path + " is there already, of another process or program: remove it, or leave out perf-map=on";
    }

    /** Why {@link #open} can't give the process's, as far as it shows without making it; in one line. */
    public static synchronized @Nullable String obstacle() {
        Path path = path();
        return ofProcess == null && Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? isThere(path) : null;
    }

    /**
     * The process's.
     *
     * @throws HostException if there is a file of that name which this process has not made, or it can't be made
     */
    public static synchronized PerfMap open() {
        PerfMap known = ofProcess;
        if (known == null) {
            known = make(path());
            ofProcess = known;
        }
        return known;
    }

    /** One apart from the process's. */
    public static PerfMap make(Path path) {
        int flags = HostConstants.O_WRONLY
                | HostConstants.O_CREAT
                | HostConstants.O_EXCL
                | HostConstants.O_NOFOLLOW
                | HostConstants.O_APPEND;
        int fd = Libc.open(path.toString(), flags, 0600);
        return new PerfMap(Fd.own(fd == -Errno.EEXIST ? isThere(path) : "perf's map " + path, fd));
    }

    /**
     * Adds a block of the guest's code. Allocates nothing.
     *
     * @param codeHva where it runs
     * @param linear where the guest had its code when it was made
     * @return whether it was written
     */
    public synchronized boolean add(long codeHva, int sizeBytes, long linear, boolean user) {
        begin(codeHva, sizeBytes);
        put("guest:0x");
        putHex(linear, Long.BYTES * 2);
        put(user ? USER : KERNEL);
        return write();
    }

    /**
     * Adds code that is no block.
     *
     * @param name of at most 64 ASCII characters
     * @return whether it was written
     */
    public synchronized boolean add(long codeHva, int sizeBytes, String name) {
        begin(codeHva, sizeBytes);
        put(name);
        put('\n');
        return write();
    }

    private void begin(long codeHva, int sizeBytes) {
        length = 0;
        putHex(codeHva, 1);
        put(' ');
        putHex(sizeBytes, 1);
        put(' ');
    }

    private void put(char ascii) {
        line.set(ValueLayout.JAVA_BYTE, length++, (byte) ascii);
    }

    private void put(String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            put(ascii.charAt(i));
        }
    }

    private void putHex(long value, int leastDigits) {
        int digits = Math.max(leastDigits, (Long.SIZE - Long.numberOfLeadingZeros(value) + 3) / 4);
        for (int i = digits - 1; i >= 0; i--) {
            put(Character.forDigit((int) (value >>> (4 * i)) & 0xf, 16));
        }
    }

    /** A line at a time, for perf may read at any time, and the process may end at any. */
    private boolean write() {
        return Libc.write(file.value(), line.address(), length) == length;
    }
}
