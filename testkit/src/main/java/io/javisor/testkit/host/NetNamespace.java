package io.javisor.testkit.host;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A thread in a network namespace of its own: what it opens lies there, and the processes that it starts live there. The namespace goes with the
 * thread, its processes and what was opened; it has no name that could be left behind.
 */
public final class NetNamespace implements AutoCloseable {
    private static final long CLONE_NEWNET = 0x4000_0000L;
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_DATA_SIZE = 12;
    private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    private static final long SYS_CAPGET = 125;
    private static final long SYS_CAPSET = 126;
    private static final HostFunction SYSCALL = new HostFunction("syscall", 3);
    private static final HostFunction UNSHARE = new HostFunction("unshare", 1);

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("netns-test").factory());

    private NetNamespace() {}

    /** Why there can be no namespace with taps here, or null. */
    public static @Nullable String obstacle() {
        if (!Posix.isRoot()) {
            return "root is needed to make a network namespace";
        }
        try (NetNamespace namespace = new NetNamespace()) {
            int fd = namespace.call(() -> {
                enter();
                return Libc.open("/dev/net/tun", HostConstants.O_RDWR, 0);
            });
            if (fd >= 0) {
                int _ = Libc.close(fd);
            }
            return fd < 0 ? "/dev/net/tun: " + Errno.describe(-fd) : null;
        } catch (HostException e) {
            return e.getMessage();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes one, with nothing in it but a loopback interface that is down. */
    public static NetNamespace create() throws Exception {
        NetNamespace namespace = new NetNamespace();
        try {
            int _ = namespace.call(NetNamespace::enter);
            return namespace;
        } catch (Exception e) {
            namespace.close();
            throw e;
        }
    }

    private static int enter() {
        return Libc.check("unshare(CLONE_NEWNET)", UNSHARE.call(CLONE_NEWNET));
    }

    /** Does it in the namespace. */
    public <T> T call(Callable<T> action) throws Exception {
        try {
            return thread.submit(action).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Runs a command there, such as {@code ip link set lo up}. */
    public void run(String... command) throws Exception {
        Process process =
                call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new AssertionError(String.join(" ", command) + ": " + status + ": " + output);
        }
    }

    /** As {@link #call}, without the right to change a network (CAP_NET_ADMIN), as any user's program. */
    public <T> T callUnprivileged(Callable<T> action) throws Exception {
        return call(() -> {
            long before = capabilities();
            setCapabilities(before & ~(1L << CAP_NET_ADMIN));
            try {
                return action.call();
            } finally {
                setCapabilities(before);
            }
        });
    }

    /** The thread's effective ones (capget(2)): bits 0 to 31 in the first of two parts of 12 bytes. */
    private static long capabilities() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(2L * CAP_DATA_SIZE, Integer.BYTES);
            int _ = Libc.check("capget", capabilityCall(SYS_CAPGET, data, arena));
            return Integer.toUnsignedLong(data.get(ValueLayout.JAVA_INT, 0));
        }
    }

    private static void setCapabilities(long effective) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(2L * CAP_DATA_SIZE, Integer.BYTES);
            int _ = Libc.check("capget", capabilityCall(SYS_CAPGET, data, arena));
            data.set(ValueLayout.JAVA_INT, 0, (int) effective);
            int _ = Libc.check("capset", capabilityCall(SYS_CAPSET, data, arena));
        }
    }

    private static int capabilityCall(long number, MemorySegment data, Arena arena) {
        MemorySegment header = arena.allocate(2L * Integer.BYTES, Integer.BYTES);
        header.set(ValueLayout.JAVA_INT, 0, LINUX_CAPABILITY_VERSION_3);
        return SYSCALL.call(number, header.address(), data.address());
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the thread of the namespace does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
