package io.javisor.core.host;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Calls machine code that this process has written into its memory. The code is a function {@code long f(long, long)} of the System V ABI
 * for x86-64: it keeps rbx, rbp, rsp, r12 to r15, the x87 control word, MXCSR and the direction flag as they were.
 *
 * <p>Through the JDK's foreign function interface, not jffi: such a call costs 10 ns instead of several times that, and the code is
 * called for every step of a guest. Linking costs some 50 ms, when this class is initialized.
 */
public final class MachineCode {
    private static final FunctionDescriptor FUNCTION =
            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

    @SuppressWarnings("restricted")
    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(FUNCTION);

    @SuppressWarnings("restricted")
    private static final MethodHandle CALL_BRIEFLY =
            Linker.nativeLinker().downcallHandle(FUNCTION, Linker.Option.critical(false));

    private MachineCode() {}

    /** The address of a segment that is code: made once, for calls allocate nothing. */
    public static MemorySegment at(long codeHva) {
        return MemorySegment.ofAddress(codeHva);
    }

    /**
     * Calls code that may run for long. The collector does not wait for it.
     *
     * @param code where it begins, from {@link #at}
     */
    public static long call(MemorySegment code, long first, long second) {
        try {
            return (long) CALL.invokeExact(code, first, second);
        } catch (Throwable e) {
            throw new IllegalStateException("machine code returns, it does not throw", e);
        }
    }

    /** Calls code that has no loop and does not block: the collector waits for it, which makes the call cheaper. */
    public static long callBriefly(MemorySegment code, long first, long second) {
        try {
            return (long) CALL_BRIEFLY.invokeExact(code, first, second);
        } catch (Throwable e) {
            throw new IllegalStateException("machine code returns, it does not throw", e);
        }
    }
}
