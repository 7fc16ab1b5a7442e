package io.javisor.core.host;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;

/**
 * A function of the C library that takes up to six integers or addresses, called through jffi: each of them is passed as the 64 bits of
 * a register, as the System V ABI for x86-64 (§3.2.3) passes integers of all widths and variable arguments alike. An {@code int} result
 * is the low half of what a call returns.
 *
 * <p>A record, for the compilers trust that a record's components never change.
 */
record CFunction(long address, CallContext context) {
    private static final Library LIBRARY = Library.getDefault();
    private static final Invoker INVOKER = Invoker.getInstance();
    private static final LastError LAST_ERROR = LastError.getInstance();

    /**
     * Looks a function up.
     *
     * @param parameterCount 0 to 6
     * @throws UnsatisfiedLinkError if the library has none of that name
     */
    static CFunction of(String name, int parameterCount) {
        return of(LIBRARY, name, parameterCount);
    }

    /** As above, in another library. */
    static CFunction of(Library library, String name, int parameterCount) {
        long address = library.getSymbolAddress(name);
        if (address == 0) {
            throw new UnsatisfiedLinkError("the library has no function " + name);
        }
        Type[] parameters = new Type[parameterCount];
        Arrays.fill(parameters, Type.SLONG_LONG);
        return new CFunction(
                address, CallContext.getCallContext(Type.SLONG_LONG, parameters, CallingConvention.DEFAULT, true));
    }

    /** What errno was after this thread's last call. */
    static int errno() {
        return LAST_ERROR.get();
    }

    long call() {
        return INVOKER.invokeL0(context, address);
    }

    long call(long a) {
        return INVOKER.invokeL1(context, address, a);
    }

    long call(long a, long b) {
        return INVOKER.invokeL2(context, address, a, b);
    }

    long call(long a, long b, long c) {
        return INVOKER.invokeL3(context, address, a, b, c);
    }

    long call(long a, long b, long c, long d) {
        return INVOKER.invokeL4(context, address, a, b, c, d);
    }

    long call(long a, long b, long c, long d, long e) {
        return INVOKER.invokeL5(context, address, a, b, c, d, e);
    }

    long call(long a, long b, long c, long d, long e, long f) {
        return INVOKER.invokeL6(context, address, a, b, c, d, e, f);
    }
}
