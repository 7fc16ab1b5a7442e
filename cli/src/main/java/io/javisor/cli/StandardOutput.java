package io.javisor.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** This process's standard output, which remembers the first failure: what prints to {@link System#out} hears of none. */
final class StandardOutput extends OutputStream {
    private static final Path DESCRIPTOR = Path.of("/proc/self/fd/1");

    private final OutputStream out = new FileOutputStream(FileDescriptor.out);
    private volatile @Nullable IOException failure;

    private StandardOutput() {}

    /** From here on {@link System#out} is it. */
    static StandardOutput install() {
        StandardOutput output = new StandardOutput();
        System.setOut(new PrintStream(new BufferedOutputStream(output), true, System.out.charset()));
        return output;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            if (failure == null) {
                failure = e;
            }
            throw e;
        }
    }

    /** The status to end with: the command's, but for one that succeeded and lost output, which {@code err} is told of. */
    int statusOf(int status, PrintWriter err) {
        System.out.flush();
        IOException lost = failure;
        if (lost == null || isStream()) {
            return status;
        }
        err.println("javisor: " + lost(String.valueOf(lost.getMessage())));
        err.flush();
        return status == ExitStatus.POWER_OFF ? ExitStatus.OWN_ERROR : status;
    }

    /** What a user is told where output is lost. */
    static String lost(String reason) {
        return "standard output can't be written: " + reason + "; make room, or send it elsewhere";
    }

    /** A pipe or a socket fails only because its reader has gone, as {@code head} does: no mishap. */
    private static boolean isStream() {
        try {
            String target = Files.readSymbolicLink(DESCRIPTOR).toString();
            return target.startsWith("pipe:") || target.startsWith("socket:");
        } catch (IOException e) {
            return false; // closed
        }
    }
}
