package io.javisor.testkit.host;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;

/** A function of the C library that the product has no use for. It takes integers and addresses, and returns an {@code int}. */
final class HostFunction {
    private final long address;
    private final CallContext context;

    /**
     * Looks a function up.
     *
     * @throws UnsatisfiedLinkError if the C library has none of that name
     */
    HostFunction(String name, int parameterCount) {
        address = Library.getDefault().getSymbolAddress(name);
        if (address == 0) {
            throw new UnsatisfiedLinkError("the C library has no function " + name);
        }
        Type[] parameters = new Type[parameterCount];
        Arrays.fill(parameters, Type.SLONG_LONG);
        context = CallContext.getCallContext(Type.SLONG_LONG, parameters, CallingConvention.DEFAULT, true);
    }

    /** What it returned, or the negative errno where that was -1. */
    int call(long... arguments) {
        HeapInvocationBuffer buffer = new HeapInvocationBuffer(context);
        for (long argument : arguments) {
            buffer.putLong(argument);
        }
        int result = (int) Invoker.getInstance().invokeLong(context, address, buffer);
        return result == -1 ? -LastError.getInstance().get() : result;
    }
}
