package io.javisor.agent;

import io.javisor.core.text.Printable;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** What an agent may say, checked: every number is in its range, every text printable and short. */
sealed interface Message {
    /** The longest line that an agent may give for a failure; the rest is cut off. */
    int MAX_LINE_LENGTH = 1000;

    /** How many numbers of a control group are kept. */
    int MAX_STATISTICS = 256;

    /** Of a time as the protocol has it. */
    long NANOS_PER_SECOND = 1_000_000_000;

    /** What a number of a control group may be called. */
    Pattern STATISTIC = Pattern.compile("[a-z0-9_.]{1,64}");

    /** The agent is there, and speaks that generation of the protocol and those before. */
    record Hello(int generation) implements Message {}

    /**
     * A request was refused.
     *
     * @param request the type of its frame
     * @param status 125, 126 or 127
     */
    record Refused(int id, int request, int status, String line) implements Message {}

    /** A process runs, by that number of the machine's. */
    record Started(int id, int pid) implements Message {}

    /** A process has ended. */
    record Ended(int id, ProcessExit exit) implements Message {}

    /** What the control group counts. */
    record Statistics(int id, Map<String, Long> values) implements Message {}

    /** A request is done. */
    record Done(int id, int request) implements Message {}

    /** What is at a path. */
    record Found(int id, ContainerFile file) implements Message {}

    /** The connection is a stream's, of that name. */
    record Stream(long token) implements Message {}

    /** The agent's last word. */
    record Down() implements Message {}

    /** What a later generation may say. */
    record Unknown(int type) implements Message {}

    /**
     * The message that a frame is.
     *
     * @throws ProtocolException if it is too short, or has a number that can't be
     */
    static Message of(Frame frame) throws ProtocolException {
        try {
            return read(frame);
        } catch (BufferUnderflowException _) {
            throw new ProtocolException("a frame of type " + frame.type() + " is too short");
        }
    }

    private static Message read(Frame frame) throws ProtocolException {
        ByteBuffer body = frame.body();
        int id = frame.id();
        return switch (frame.type()) {
            case Frame.HELLO -> new Hello(within("generation", u16(body), 1, 0xffff));
            case Frame.ERROR ->
                new Refused(id, u16(body), within("status of a refusal", u16(body), 125, 127), line(text(body)));
            case Frame.STARTED -> new Started(id, within("process", body.getInt(), 1, Integer.MAX_VALUE));
            case Frame.EXIT -> new Ended(id, exit(body));
            case Frame.STATS -> new Statistics(id, statistics(body));
            case Frame.DONE -> new Done(id, u16(body));
            case Frame.STREAM -> new Stream(body.getLong());
            case Frame.DOWN -> new Down();
            case Frame.FILE -> new Found(id, file(body));
            default -> new Unknown(frame.type());
        };
    }

    private static ProcessExit exit(ByteBuffer body) throws ProtocolException {
        int status = within("exit status", body.getInt(), 0, 255);
        int signal = within("signal", body.getInt(), 0, 127);
        return new ProcessExit(status, signal, body.get() != 0);
    }

    private static Map<String, Long> statistics(ByteBuffer body) {
        Map<String, Long> values = new LinkedHashMap<>();
        while (body.hasRemaining()) {
            String name = text(body);
            long value = body.getLong();
            if (values.size() < MAX_STATISTICS && STATISTIC.matcher(name).matches()) {
                values.put(name, value);
            }
        }
        return values;
    }

    private static ContainerFile file(ByteBuffer body) throws ProtocolException {
        int mode = within("mode of a file", body.getInt(), 0, 0177777);
        long size = body.getLong();
        long nanos = body.getLong();
        if (size < 0 || nanos < 0) {
            throw new ProtocolException("no file has such a size and time");
        }
        Instant modified = Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
        return new ContainerFile(mode, size, modified, text(body), text(body));
    }

    private static int u16(ByteBuffer body) {
        return Short.toUnsignedInt(body.getShort());
    }

    private static String text(ByteBuffer body) {
        byte[] bytes = new byte[Math.min(u16(body), body.remaining() + 1)]; // one too many fails as any
        body.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String line(String text) {
        String line = Printable.excerpt(Printable.line(Printable.excerpt(text, 2 * MAX_LINE_LENGTH)), MAX_LINE_LENGTH);
        return line.isEmpty() ? "the agent gives no reason" : line;
    }

    private static int within(String what, int value, int least, int most) throws ProtocolException {
        if (value < least || value > most) {
            throw new ProtocolException("no " + what + " is " + value);
        }
        return value;
    }
}
