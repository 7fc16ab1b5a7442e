package io.javisor.container.store;

import io.javisor.manager.logs.LogFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads what an {@link OutputLog} writes, while it does. For one thread. */
public final class OutputLogReader implements AutoCloseable {
    private static final JsonFactory FACTORY = JsonFactory.builder().build();

    /** Is given each record. */
    @FunctionalInterface
    public interface Sink {
        void accept(OutputRecord record) throws IOException;
    }

    private final LogFiles files;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private OutputLogReader(LogFiles files) {
        this.files = files;
    }

    /** Starts at the beginning of what is kept; a log that is not there is empty. */
    public static OutputLogReader open(Path log) throws IOException {
        return new OutputLogReader(LogFiles.open(log));
    }

    /** Leaves out all but the last records. */
    public void skipToTail(int records) throws IOException {
        files.skipToTail(records);
    }

    /** Gives what there is now. Returns whether there was anything. What is no record, for it was cut, is left out. */
    public boolean read(Sink sink) throws IOException {
        return files.copyTo(new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                int start = offset;
                for (int i = offset; i < offset + length; i++) {
                    if (bytes[i] == '\n') {
                        line.write(bytes, start, i - start);
                        start = i + 1;
                        OutputRecord record = parse(line.toByteArray());
                        line.reset();
                        if (record != null) {
                            sink.accept(record);
                        }
                    }
                }
                line.write(bytes, start, offset + length - start);
            }
        });
    }

    /** Null for what is no record. */
    static @Nullable OutputRecord parse(byte[] text) {
        @Nullable Instant time = null;
        @Nullable OutputKind kind = null;
        byte @Nullable [] bytes = null;
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                if (json.nextToken().isStructStart()) {
                    return null;
                }
                switch (name) {
                    case "log" -> bytes = json.getString().getBytes(StandardCharsets.UTF_8);
                    case "bytes" -> bytes = json.getBinaryValue();
                    case "stream" -> kind = json.getString().equals("stderr") ? OutputKind.STDERR : OutputKind.STDOUT;
                    case "time" -> time = Instant.parse(json.getString());
                    default -> {}
                }
            }
            return json.currentToken() != JsonToken.END_OBJECT || time == null || kind == null || bytes == null
                    ? null
                    : new OutputRecord(time, kind, bytes);
        } catch (JacksonException | DateTimeException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
