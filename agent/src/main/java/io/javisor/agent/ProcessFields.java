package io.javisor.agent;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of a process to be started: {@code docs/agent.md}, "Fields". Immutable; made by {@link #builder}. The streams are none of them: the
 * agent's host names these itself.
 */
public final class ProcessFields {
    /** What all strings of a process may have, each with a byte for its end. */
    public static final int MAX_TEXT_SIZE = 512 * 1024;

    /** How many arguments a process may have, and how many variables. */
    public static final int MAX_COUNT = 4096;

    private static final int FIELD_HEADER_SIZE = 4;
    private static final int MAX_VALUE_SIZE = Frame.MAX_BODY_SIZE - FIELD_HEADER_SIZE;
    private static final int TERMINAL_FIELD_SIZE = 12;
    private static final int LIMIT_FIELD_SIZE = 20;
    private static final int NETWORK_FIELD_SIZE = 9;
    private static final int MAX_U16 = 0xffff;

    private static final int ARGUMENT = 1;
    private static final int VARIABLE = 2;
    private static final int DIRECTORY = 3;
    private static final int USER = 4;
    private static final int GROUP = 5;
    private static final int HOSTNAME = 6;
    private static final int TERMINAL = 7;
    private static final int STDIN = 8;
    private static final int STDOUT = 9;
    private static final int STDERR = 10;
    private static final int LIMIT = 11;
    private static final int CAPABILITIES = 12;
    private static final int NO_NEW_PRIVILEGES = 13;
    private static final int READ_ONLY = 14;
    private static final int TMPFS = 15;
    private static final int INIT = 16;
    private static final int ROOT = 17;
    private static final int LOWER = 18;
    private static final int UPPER = 19;
    private static final int VOLATILE_UPPER = 20;
    private static final int HOSTS = 21;
    private static final int RESOLVER = 22;
    private static final int MEMORY = 23;
    private static final int PROCESSORS = 24;
    private static final int PROCESSES = 25;
    private static final int UNMASKED = 26;
    private static final int SHM = 27;
    private static final int UNCONFINED = 28;
    private static final int NETWORK = 29;

    private final List<byte[]> fields;
    private final boolean terminal;
    private final int rows;
    private final int columns;

    private ProcessFields(Builder builder) {
        fields = List.copyOf(builder.fields);
        terminal = builder.terminal;
        rows = builder.rows;
        columns = builder.columns;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Whether it gets a terminal in the place of three streams. */
    public boolean hasTerminal() {
        return terminal;
    }

    /**
     * The frames that describe the process: FIELDS, as many as it takes, and one of {@code type} at the end. What is sent of them is sent in one
     * piece, for the agent listens to the description of one process at a time.
     *
     * @param streams names: one for a terminal, else those of input, output and errors
     */
    ByteBuffer frames(int id, int type, long... streams) {
        List<byte[]> all = new ArrayList<>(fields);
        if (terminal) {
            all.add(field(
                    TERMINAL,
                    Frame.body(TERMINAL_FIELD_SIZE)
                            .putLong(streams[0])
                            .putShort((short) rows)
                            .putShort((short) columns)
                            .array()));
        } else {
            all.add(field(STDIN, u64(streams[0])));
            all.add(field(STDOUT, u64(streams[1])));
            all.add(field(STDERR, u64(streams[2])));
        }
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        ByteBuffer body = Frame.body(Frame.MAX_BODY_SIZE);
        for (byte[] field : all) {
            if (field.length > body.remaining()) {
                frames.writeBytes(
                        new Frame(id, Frame.FIELDS, body.flip()).bytes().array());
                body.clear();
            }
            body.put(field);
        }
        frames.writeBytes(new Frame(id, type, body.flip()).bytes().array());
        return ByteBuffer.wrap(frames.toByteArray());
    }

    /** All of it in one frame's body, without streams. @throws AgentException if that is too much */
    ByteBuffer body() {
        ByteBuffer body = Frame.body(Frame.MAX_BODY_SIZE);
        for (byte[] field : fields) {
            if (field.length > body.remaining()) {
                throw new AgentException(AgentException.FAILED, "that is too much for a frame");
            }
            body.put(field);
        }
        return body.flip();
    }

    private static byte[] field(int number, byte... value) {
        return Frame.body(FIELD_HEADER_SIZE + value.length)
                .putShort((short) number)
                .putShort((short) value.length)
                .put(value)
                .array();
    }

    private static byte[] u64(long... values) {
        byte[] bytes = new byte[Long.BYTES * values.length];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
        return bytes;
    }

    /**
     * Collects fields. Each method adds the field of its name; those of a list may be called again. A string that has a NUL, or that with those
     * before it is more than the agent takes, is refused by an {@link AgentException} with status 125. Not for use by several threads at once.
     */
    public static final class Builder {
        private final List<byte[]> fields = new ArrayList<>();
        private boolean terminal;
        private int rows;
        private int columns;
        private int textSize;
        private int arguments;
        private int variables;

        private Builder() {}

        /** The program, or one of its arguments. */
        public Builder argument(String value) {
            count("arguments", ++arguments);
            return text(ARGUMENT, value);
        }

        /**
         * A variable of its environment.
         *
         * @param assignment {@code NAME=VALUE}
         */
        public Builder variable(String assignment) {
            count("variables", ++variables);
            return text(VARIABLE, assignment);
        }

        /** The working directory, an absolute path; that of START is made if it is missing. */
        public Builder directory(String path) {
            return text(DIRECTORY, path);
        }

        /**
         * Whom it runs as.
         *
         * @param user {@code USER[:GROUP]}, names of the image or numbers
         */
        public Builder user(String user) {
            return text(USER, user);
        }

        /** An additional group, by name or number. */
        public Builder group(String group) {
            return text(GROUP, group);
        }

        public Builder hostname(String name) {
            return text(HOSTNAME, name);
        }

        /** The content of {@code /etc/hosts}. */
        public Builder hosts(String content) {
            return text(HOSTS, content);
        }

        /** The content of {@code /etc/resolv.conf}. */
        public Builder resolver(String content) {
            return text(RESOLVER, content);
        }

        /**
         * A terminal in the place of three streams.
         *
         * @param rows 0 to 65535, as {@code columns}; 0 for unknown
         */
        public Builder terminal(int rows, int columns) {
            terminal = true;
            this.rows = Math.clamp(rows, 0, MAX_U16);
            this.columns = Math.clamp(columns, 0, MAX_U16);
            return this;
        }

        /**
         * A limit of setrlimit(2).
         *
         * @param resource Linux's number
         * @param soft unsigned; all ones is no limit
         * @param hard as {@code soft}
         */
        public Builder limit(int resource, long soft, long hard) {
            return add(
                    LIMIT,
                    Frame.body(LIMIT_FIELD_SIZE)
                            .putInt(resource)
                            .putLong(soft)
                            .putLong(hard)
                            .array());
        }

        /**
         * What it may do.
         *
         * @param mask by Linux's numbers
         */
        public Builder capabilities(long mask) {
            return add(CAPABILITIES, u64(mask));
        }

        public Builder noNewPrivileges() {
            return add(NO_NEW_PRIVILEGES);
        }

        /** No system call is filtered. */
        public Builder unconfined() {
            return add(UNCONFINED);
        }

        /** Nothing of {@code /proc} and {@code /sys} is hidden or read-only. */
        public Builder unmasked() {
            return add(UNMASKED);
        }

        /** The root file system is read-only. */
        public Builder readOnly() {
            return add(READ_ONLY);
        }

        /**
         * A file system in memory.
         *
         * @param options as mount(8) has them; ""
         */
        public Builder tmpfs(String path, String options) {
            byte[] first = counted(path);
            byte[] second = counted(options);
            if (2 * Short.BYTES + first.length + second.length > MAX_VALUE_SIZE) {
                throw tooLong();
            }
            return add(
                    TMPFS,
                    Frame.body(2 * Short.BYTES + first.length + second.length)
                            .putShort((short) first.length)
                            .put(first)
                            .putShort((short) second.length)
                            .put(second)
                            .array());
        }

        /** Process 1 of the container is the agent's own. */
        public Builder init() {
            return add(INIT);
        }

        /** A directory of the machine as root, in the place of disks. */
        public Builder root(String directory) {
            return text(ROOT, directory);
        }

        /**
         * The image.
         *
         * @param serial of the disk with the image's files
         */
        public Builder lower(String serial) {
            return text(LOWER, serial);
        }

        /**
         * Where what is written goes.
         *
         * @param serial of the disk for what is written; without, that is kept in memory
         */
        public Builder upper(String serial) {
            return text(UPPER, serial);
        }

        /** What is written need not outlive the machine. */
        public Builder volatileUpper() {
            return add(VOLATILE_UPPER);
        }

        /**
         * A limit.
         *
         * @param bytes 1 or more
         */
        public Builder memory(long bytes) {
            return add(MEMORY, u64(bytes));
        }

        /**
         * A limit.
         *
         * @param quotaMicros of processor time in each {@code periodMicros}
         */
        public Builder processors(long quotaMicros, long periodMicros) {
            return add(PROCESSORS, u64(quotaMicros, periodMicros));
        }

        /**
         * A limit.
         *
         * @param count how many at once
         */
        public Builder processes(long count) {
            return add(PROCESSES, u64(count));
        }

        /** The size of {@code /dev/shm}. */
        public Builder shm(long bytes) {
            return add(SHM, u64(bytes));
        }

        /**
         * The network card's place.
         *
         * @param address the card's, IPv4
         * @param prefix how many bits of it are the network's, 0 to 32
         * @param gateway where all else is sent to
         */
        public Builder network(Inet4Address address, int prefix, Inet4Address gateway) {
            if (prefix < 0 || prefix > Integer.SIZE) {
                throw new IllegalArgumentException("a prefix has 0 to 32 bits, not " + prefix);
            }
            return add(
                    NETWORK,
                    Frame.body(NETWORK_FIELD_SIZE)
                            .put((byte) prefix)
                            .putInt(ByteBuffer.wrap(address.getAddress()).getInt())
                            .putInt(ByteBuffer.wrap(gateway.getAddress()).getInt())
                            .array());
        }

        public ProcessFields build() {
            return new ProcessFields(this);
        }

        private Builder add(int number, byte... value) {
            fields.add(field(number, value));
            return this;
        }

        private Builder text(int number, String value) {
            byte[] bytes = counted(value);
            if (bytes.length > MAX_VALUE_SIZE) {
                throw tooLong();
            }
            return add(number, bytes);
        }

        private byte[] counted(String value) {
            if (value.indexOf('\0') >= 0) {
                throw new AgentException(AgentException.FAILED, "a zero byte in a string");
            }
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            if (bytes.length >= MAX_TEXT_SIZE - textSize) {
                throw new AgentException(
                        AgentException.FAILED,
                        "arguments and environment are longer than " + MAX_TEXT_SIZE / 1024 + " KiB");
            }
            textSize += bytes.length + 1;
            return bytes;
        }

        private static void count(String what, int count) {
            if (count > MAX_COUNT) {
                throw new AgentException(AgentException.FAILED, "more than " + MAX_COUNT + " " + what);
            }
        }

        private static AgentException tooLong() {
            return new AgentException(
                    AgentException.FAILED, "an argument or a variable is longer than " + MAX_VALUE_SIZE + " bytes");
        }
    }
}
