package io.javisor.testkit.agent;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What the agent is to start, as the fields of {@code guest/agent/draft.h}. */
final class Command {
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
    private static final int RLIMIT = 11;
    private static final int CAPABILITIES = 12;
    private static final int NO_NEW_PRIVILEGES = 13;
    private static final int READ_ONLY = 14;
    private static final int TMPFS = 15;
    private static final int INIT = 16;
    private static final int ROOT = 17;
    private static final int HOSTS = 21;
    private static final int MEMORY_MAX = 23;
    private static final int UNCONFINED = 28;

    private final ByteArrayOutputStream fields = new ByteArrayOutputStream();
    private boolean terminal;

    private Command() {}

    static Command of(String... arguments) {
        Command command = new Command();
        for (String argument : arguments) {
            command.text(ARGUMENT, argument);
        }
        return command;
    }

    static Command shell(String script) {
        return of("sh", "-c", script);
    }

    private Command field(int number, byte... value) {
        fields.writeBytes(Frame.body(4)
                .putShort((short) number)
                .putShort((short) value.length)
                .array());
        fields.writeBytes(value);
        return this;
    }

    private Command text(int number, String value) {
        return field(number, value.getBytes(StandardCharsets.UTF_8));
    }

    private Command numbers(int number, long... values) {
        byte[] bytes = new byte[8 * values.length];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            buffer.putLong(value);
        }
        return field(number, bytes);
    }

    Command variable(String assignment) {
        return text(VARIABLE, assignment);
    }

    Command directory(String path) {
        return text(DIRECTORY, path);
    }

    Command user(String user) {
        return text(USER, user);
    }

    Command group(String group) {
        return text(GROUP, group);
    }

    Command hostname(String name) {
        return text(HOSTNAME, name);
    }

    Command hosts(String content) {
        return text(HOSTS, content);
    }

    Command root(String path) {
        return text(ROOT, path);
    }

    Command limit(int resource, long soft, long hard) {
        return field(
                RLIMIT,
                Frame.body(20).putInt(resource).putLong(soft).putLong(hard).array());
    }

    Command capabilities(long mask) {
        return numbers(CAPABILITIES, mask);
    }

    Command noNewPrivileges() {
        return field(NO_NEW_PRIVILEGES);
    }

    Command readOnly() {
        return field(READ_ONLY);
    }

    Command tmpfs(String path, String options) {
        byte[] pathBytes = path.getBytes(StandardCharsets.UTF_8);
        byte[] optionBytes = options.getBytes(StandardCharsets.UTF_8);
        byte[] value = new byte[4 + pathBytes.length + optionBytes.length];
        ByteBuffer.wrap(value)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) pathBytes.length)
                .put(pathBytes)
                .putShort((short) optionBytes.length)
                .put(optionBytes);
        return field(TMPFS, value);
    }

    Command init() {
        return field(INIT);
    }

    Command unconfined() {
        return field(UNCONFINED);
    }

    Command memory(long bytes) {
        return numbers(MEMORY_MAX, bytes);
    }

    Command terminal(long token, int rows, int columns) {
        terminal = true;
        return field(
                TERMINAL,
                Frame.body(12)
                        .putLong(token)
                        .putShort((short) rows)
                        .putShort((short) columns)
                        .array());
    }

    Command streams(long input, long output, long errors) {
        return numbers(STDIN, input).numbers(STDOUT, output).numbers(STDERR, errors);
    }

    boolean hasTerminal() {
        return terminal;
    }

    byte[] fields() {
        return fields.toByteArray();
    }
}
