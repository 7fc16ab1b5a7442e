package io.javisor.emulator.state;

/**
 * The guest's instruction faults. One object a vCPU, made beforehand and without a stack trace: to raise a fault allocates nothing.
 * Whoever executes instructions catches it and delivers the exception; nothing else does.
 */
public final class CpuFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** In place of an error code: the exception has none. */
    public static final int NO_CODE = -1;

    private int vector;
    private int errorCode = NO_CODE;
    private long linear;

    CpuFault() {
        super(null, null, false, false);
    }

    CpuFault with(int newVector, int newErrorCode, long newLinear) {
        vector = newVector;
        errorCode = newErrorCode;
        linear = newLinear;
        return this;
    }

    /** The exception's vector, 0 to 31. */
    public int vector() {
        return vector;
    }

    /** What is pushed, or {@link #NO_CODE}. */
    public int errorCode() {
        return errorCode;
    }

    /** The address that goes to CR2; of a page fault only. */
    public long linear() {
        return linear;
    }

    @Override
    public String getMessage() {
        return "exception " + vector
                + (errorCode == NO_CODE ? "" : " with error code 0x" + Integer.toHexString(errorCode))
                + (vector == Vectors.PF ? " at 0x" + Long.toHexString(linear) : "");
    }
}
