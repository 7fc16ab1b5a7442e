package io.javisor.cli.container;

import io.javisor.container.control.OutputSink;
import io.javisor.container.terminal.TerminalOutput;
import io.javisor.core.host.Errno;
import java.io.IOException;

/** This process's standard output or error, as a place for what a container's process writes. Bytes as they come. */
final class Descriptor implements OutputSink {
    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private final TerminalOutput out;
    private final Runnable whenUnread;
    private volatile boolean failed;

    private Descriptor(int descriptor, Runnable whenUnread) {
        this.out = TerminalOutput.of(descriptor);
        this.whenUnread = whenUnread;
    }

    /** @param whenUnread run when nobody reads it any more, once */
    static Descriptor output(Runnable whenUnread) {
        return new Descriptor(STDOUT, whenUnread);
    }

    /** As {@link #output(Runnable)}. */
    static Descriptor errors(Runnable whenUnread) {
        return new Descriptor(STDERR, whenUnread);
    }

    @Override
    public void write(byte[] bytes, int length) throws IOException {
        try {
            out.write(bytes, length);
        } catch (IOException e) {
            boolean first = !failed;
            failed = true;
            if (first && isUnread()) {
                whenUnread.run();
            }
            throw e;
        }
    }

    /** Whether nobody reads it any more. */
    boolean isUnread() {
        return failed && out.errno() == Errno.EPIPE;
    }

    /** Why something could not be written, in words; "" if all was. */
    String failure() {
        return failed ? Errno.describe(out.errno()) : "";
    }
}
