package io.javisor.kvm;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** Calls of ioctl that turn failures into exceptions. The names given here are for messages alone. */
final class Ioctl {
    private Ioctl() {}

    /** Passes a number. Returns the result, zero or positive. */
    static int call(Fd fd, String name, long request, long argument) {
        int result = retrying(fd, request, argument);
        if (result < 0) {
            throw failed(fd, name + "(" + argument + ")", result);
        }
        return result;
    }

    /** Passes the address of {@code argument}, of which KVM reads or writes {@code sizeBytes}. */
    static int call(Fd fd, String name, long request, MemorySegment argument, long sizeBytes) {
        int result = tryCall(fd, name, request, argument, sizeBytes);
        if (result < 0) {
            throw failed(fd, name, result);
        }
        return result;
    }

    /** As {@link #call(Fd, String, long, MemorySegment, long)}, but returns the negated errno of a failure. */
    static int tryCall(Fd fd, String name, long request, MemorySegment argument, long sizeBytes) {
        if (!argument.isNative() || argument.byteSize() < sizeBytes) {
            throw new IllegalArgumentException(
                    name + " needs " + sizeBytes + " bytes of native memory, was given " + argument);
        }
        try {
            return retrying(fd, request, argument.address());
        } finally {
            Reference.reachabilityFence(argument);
        }
    }

    /** The host-virtual address of off-heap memory; the caller keeps it reachable. */
    static long hva(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(segment + " is not native memory");
        }
        return segment.address();
    }

    static KvmException failed(Fd fd, String operation, int result) {
        return new KvmException(operation + " on " + fd.name(), -result);
    }

    /** A signal that stops a vCPU may meet its thread in any ioctl; only KVM_RUN, which does not come here, wants to know. */
    private static int retrying(Fd fd, long request, long argument) {
        while (true) {
            int result = Libc.ioctl(fd.value(), request, argument);
            if (result != -Errno.EINTR) {
                return result;
            }
        }
    }
}
