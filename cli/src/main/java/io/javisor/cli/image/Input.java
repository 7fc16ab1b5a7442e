package io.javisor.cli.image;

import io.javisor.oci.OciException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What a user answers, or pipes. */
final class Input {
    private static final int LENGTH_MAX = 64 << 10;

    private Input() {}

    /**
     * A line, without its end; an empty one at the end of the input. Reads nothing of what follows.
     *
     * @throws OciException in one line, if it can't be read, or is longer than 64 KiB
     */
    static String line(InputStream input) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int next = input.read();
            while (next >= 0 && next != '\n') {
                line.write(next);
                requireShort(line.size());
                next = input.read();
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /**
     * All of it, without one end of a line after it.
     *
     * @throws OciException in one line, if it can't be read, or is longer than 64 KiB
     */
    static String all(InputStream input) {
        try {
            byte[] bytes = input.readNBytes(LENGTH_MAX + 1);
            requireShort(bytes.length);
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.endsWith("\r\n")
                    ? text.substring(0, text.length() - 2)
                    : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static void requireShort(int length) {
        if (length > LENGTH_MAX) {
            throw new OciException("standard input is longer than " + LENGTH_MAX + " bytes");
        }
    }

    private static OciException unreadable(IOException cause) {
        return new OciException("standard input can't be read: " + cause.getMessage(), cause);
    }
}
