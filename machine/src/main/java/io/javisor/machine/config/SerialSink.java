package io.javisor.machine.config;

import io.javisor.core.log.RotatedFile;
import io.javisor.machine.host.Console;
import io.javisor.machine.host.ConsoleLog;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where a serial port of the guest ends on the host. Each is written as on the command line. */
public sealed interface SerialSink {
    /** What {@link #parse} takes. */
    String SYNTAX = "stdio, file:PATH[,max=SIZE], socket:PATH, pty or null";

    /** The {@link Console} that the machine is made with. */
    record Stdio() implements SerialSink {
        @Override
        public String toString() {
            return "stdio";
        }
    }

    /**
     * A file, which is made or emptied at the start; output only.
     *
     * @param maxBytes at so many bytes, from 1 on, a regular file becomes the older of two, as {@link io.javisor.core.log.RotatedFile} has it;
     *     {@link #UNLIMITED} for never
     */
    record ToFile(Path path, long maxBytes) implements SerialSink {
        public static final long DEFAULT_MAX_BYTES = 64L << 20;
        public static final long UNLIMITED = Long.MAX_VALUE;

        private static final long LEAST_PARSED_BYTES = 64 << 10;
        private static final String MAX = "max=";
        private static final String NO_MAX = "none";

        public ToFile {
            if (maxBytes < 1) {
                throw new IllegalArgumentException("a file of at most " + maxBytes + " bytes");
            }
        }

        /** With {@link #DEFAULT_MAX_BYTES}. */
        public ToFile(Path path) {
            this(path, DEFAULT_MAX_BYTES);
        }

        /** The same at another path. */
        public ToFile at(Path other) {
            return new ToFile(other, maxBytes);
        }

        private static ToFile parse(String text, String value) {
            List<String> words = OptionWords.split(value);
            Path path = SerialSink.path(text, words.getFirst());
            if (words.size() == 1) {
                return new ToFile(path);
            }
            String word = words.get(1);
            if (!word.startsWith(MAX)) {
                throw new IllegalArgumentException("'" + text + "': '" + word
                        + "' is not known, only max=SIZE; a comma in a path is written twice");
            }
            if (words.size() > 2) {
                throw new IllegalArgumentException("'" + text + "': nothing can follow '" + word + "'");
            }
            return new ToFile(path, parseMax(word.substring(MAX.length())));
        }

        private static long parseMax(String text) {
            if (text.equals(NO_MAX)) {
                return UNLIMITED;
            }
            String refusal = "'" + MAX + text
                    + "' is no size of a file, which is 64K at least; write for example max=64M, or max=none for no"
                    + " bound";
            long bytes;
            try {
                bytes = MemorySize.parse(text);
            } catch (ConfigException e) {
                throw new ConfigException(refusal, e);
            }
            if (bytes < LEAST_PARSED_BYTES) {
                throw new ConfigException(refusal);
            }
            return bytes;
        }

        @Override
        public String toString() {
            String max = maxBytes == UNLIMITED ? NO_MAX : MemorySize.exact(maxBytes);
            return "file:" + path.toString().replace(",", ",,") + (maxBytes == DEFAULT_MAX_BYTES ? "" : ",max=" + max);
        }
    }

    /** A Unix stream socket that is made at {@code path}, for any number of clients. */
    record Socket(Path path) implements SerialSink {
        @Override
        public String toString() {
            return "socket:" + path;
        }
    }

    /** A new pseudoterminal. */
    record Pty() implements SerialSink {
        @Override
        public String toString() {
            return "pty";
        }
    }

    /**
     * A log of bounded size at {@code path}, which is gone on with if it is there; output only. See {@link ConsoleLog}. Not on the
     * command line.
     */
    record Log(Path path) implements SerialSink {
        @Override
        public String toString() {
            return "log:" + path;
        }
    }

    /**
     * Several ends at once, the first of which is the one that the port is known by. Not on the command line.
     *
     * @param ends at least one, none of them shared again
     */
    record Shared(List<SerialSink> ends) implements SerialSink {
        public Shared {
            ends = List.copyOf(ends);
            if (ends.isEmpty() || ends.stream().anyMatch(Shared.class::isInstance)) {
                throw new IllegalArgumentException("can't share " + ends);
            }
        }

        @Override
        public String toString() {
            return ends.stream().map(SerialSink::toString).collect(Collectors.joining(" and "));
        }
    }

    /** Nothing: output is dropped, there is no input. */
    record Null() implements SerialSink {
        @Override
        public String toString() {
            return "null";
        }
    }

    /** Its ends: itself, unless it is {@link Shared}. */
    default List<SerialSink> each() {
        return this instanceof Shared(List<SerialSink> ends) ? ends : List.of(this);
    }

    /**
     * Reads one as the command line has it.
     *
     * @throws IllegalArgumentException if it is none of {@link #SYNTAX}
     * @throws ConfigException if the size is none
     */
    static SerialSink parse(String text) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        String path = colon < 0 ? "" : text.substring(colon + 1);
        return switch (kind) {
            case "file" -> ToFile.parse(text, path);
            case "socket" -> new Socket(path(text, path));
            case "stdio", "pty", "null" -> {
                if (colon >= 0) {
                    throw new IllegalArgumentException("'" + text + "': " + kind + " takes nothing after it");
                }
                yield kind.equals("stdio") ? new Stdio() : kind.equals("pty") ? new Pty() : new Null();
            }
            default -> throw new IllegalArgumentException("'" + text + "' is none of " + SYNTAX);
        };
    }

    private static Path path(String text, String path) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' lacks a path: it is one of " + SYNTAX);
        }
        return Path.of(path);
    }

    /** Throws a {@link ConfigException} unless a machine can have these serial ports: few enough, and none on another's end. */
    static void requireTogether(List<SerialSink> ports) {
        if (ports.size() > MachineConfig.MAX_SERIAL_PORTS) {
            throw new ConfigException(ports.size() + " serial ports are too many: a PC has COM1 to COM"
                    + MachineConfig.MAX_SERIAL_PORTS + ", and no operating system looks for others");
        }
        List<SerialSink> sinks =
                ports.stream().flatMap(port -> port.each().stream()).toList();
        Map<Object, SerialSink> taken = new HashMap<>();
        for (SerialSink sink : sinks) {
            @Nullable
            Object place =
                    switch (sink) {
                        case Stdio _ -> sink;
                        case ToFile file -> place(file.path());
                        case Socket(Path path) -> place(path);
                        case Log(Path path) -> place(path);
                        case Pty _, Null _, Shared _ -> null;
                    };
            if (place != null && taken.putIfAbsent(place, sink) != null) {
                throw new ConfigException("two serial ports can't both be on " + sink + "; each needs its own");
            }
        }
        for (SerialSink sink : sinks) {
            if (sink instanceof ToFile(Path path, long maxBytes) && maxBytes != ToFile.UNLIMITED) {
                SerialSink other = taken.get(RotatedFile.older(place(path)));
                if (other != null) {
                    throw new ConfigException("serial port " + sink + " becomes " + RotatedFile.older(path)
                            + " when it is full, where " + other + " is; give another path, or max=none");
                }
            }
        }
    }

    private static Path place(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
