package io.javisor.benchmarks;

import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.SaveError;

/** One system call by each of the ways from Java to C. All of them keep errno. Any thread. */
final class Bindings {
    /** What jnr-ffi makes a class and machine code for. */
    public interface C {
        /** ioctl(2). */
        @SaveError
        int ioctl(int fd, long request, long argument);
    }

    private static final C JNR = LibraryLoader.create(C.class).load("c");

    @SuppressWarnings("restricted") // a call of C is what is measured
    private static final MethodHandle IOCTL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("ioctl"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
                    Linker.Option.firstVariadicArg(2),
                    Linker.Option.captureCallState("errno"));

    private Bindings() {}

    /** As javisor calls it: by jffi. */
    static int jffi(int fd, long request, long argument) {
        return Libc.ioctl(fd, request, argument);
    }

    /** By a stub of jnr-ffi's. */
    static int jnrFfi(int fd, long request, long argument) {
        return JNR.ioctl(fd, request, argument);
    }

    /**
     * By {@code java.lang.foreign}.
     *
     * @param callState where errno goes, of the thread's own: see {@link #newCallState}
     */
    static int ffm(MemorySegment callState, int fd, long request, long argument) {
        try {
            return (int) IOCTL.invokeExact(callState, fd, request, argument);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a place for the errno of one thread's calls. */
    static MemorySegment newCallState() {
        return Arena.ofAuto().allocate(Linker.Option.captureStateLayout());
    }
}
