package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.Response;
import io.javisor.api.json.JsonFields;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Firecracker's {@code BootSource}.
 *
 * @param bootArgs null for our default ones
 */
record BootSource(
        Path kernelImage, @Nullable Path initrd, @Nullable String bootArgs) {
    static BootSource read(JsonFields fields) {
        Path kernel = file("kernel_image_path", fields.requireString("kernel_image_path"));
        String initrd = fields.string("initrd_path");
        BootSource source =
                new BootSource(kernel, initrd == null ? null : file("initrd_path", initrd), fields.string("boot_args"));
        fields.end();
        return source;
    }

    /** A file that is there. */
    static Path file(String field, String text) {
        if (text.isEmpty()) {
            throw Fault.badRequest("\"" + field + "\" is empty");
        }
        Path path = path(field, text);
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            String problem = Files.isDirectory(path)
                    ? "is a directory"
                    : Files.exists(path) ? "is not readable" : "does not exist";
            throw Fault.badRequest("\"" + field + "\": " + text + " " + problem);
        }
        return path;
    }

    /** A path, of a file or not. */
    static Path path(String field, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            // As a file's name it can't be written in the encoding of the process's locale.
            throw new Fault(Response.BAD_REQUEST, "\"" + field + "\": " + text + " is no path", e);
        }
    }

    Map<String, @Nullable Object> view() {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("kernel_image_path", kernelImage.toString());
        view.put("initrd_path", initrd == null ? null : initrd.toString());
        view.put("boot_args", bootArgs);
        return view;
    }
}
