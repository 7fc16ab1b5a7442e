package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import io.javisor.core.text.Printable;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Firecracker's {@code Logger}: a file that tells of requests and of the machine's life. What javisor itself logs goes to its own log.
 *
 * <p>{@code module} is taken and has no effect: there are no modules of Firecracker's here.
 */
final class ApiLog implements AutoCloseable {
    /** The least that is written, most important first. */
    enum Level {
        OFF,
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    private static final List<String> NAMES = List.of("off", "error", "warning", "warn", "info", "debug", "trace");

    private final String id;
    private @Nullable ClientLineFile file; // all guarded by this
    private @Nullable String path;
    private Level level = Level.INFO;
    private boolean showLevel;
    private boolean showOrigin;

    ApiLog(String id) {
        this.id = id;
    }

    /** Takes what is said and keeps the rest. */
    synchronized void configure(JsonFields fields) {
        String text = fields.string("level");
        String word = text == null ? null : text.toLowerCase(Locale.ROOT);
        if (word != null && !NAMES.contains(word)) {
            throw Fault.badRequest("\"level\" must be one of Off, Error, Warning, Info, Debug, Trace");
        }
        Boolean newShowLevel = fields.bool("show_level");
        Boolean newShowOrigin = fields.bool("show_log_origin");
        String _ = fields.string("module");
        String newPath = fields.string("log_path");
        fields.end();
        if (newPath != null) {
            ClientLineFile opened = ClientLineFile.open("log_path", newPath);
            close();
            file = opened;
            path = newPath;
        }
        if (word != null) {
            level = word.startsWith("warn") ? Level.WARN : Level.valueOf(word.toUpperCase(Locale.ROOT));
        }
        showLevel = newShowLevel == null ? showLevel : newShowLevel;
        showOrigin = newShowOrigin == null ? showOrigin : newShowOrigin;
    }

    synchronized void log(Level importance, String message) {
        ClientLineFile out = file;
        if (out == null || importance.compareTo(level) > 0) {
            return;
        }
        StringBuilder line =
                new StringBuilder(Instant.now().toString()).append(" [").append(id);
        if (showLevel) {
            line.append(':').append(importance);
        }
        if (showOrigin) {
            line.append(":api");
        }
        out.writeLine(line.append("] ").append(Printable.of(message)).toString());
    }

    synchronized long missed() {
        return file == null ? 0 : file.missed();
    }

    synchronized @Nullable Object view() {
        if (path == null) {
            return null;
        }
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("log_path", path);
        view.put("level", level.name().charAt(0) + level.name().substring(1).toLowerCase(Locale.ROOT));
        view.put("show_level", showLevel);
        view.put("show_log_origin", showOrigin);
        return view;
    }

    @Override
    public synchronized void close() {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
