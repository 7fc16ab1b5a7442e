package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.machine.config.DiskConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Firecracker's {@code Drive}.
 *
 * @param partUuid of the root's partition; null for the whole disk
 * @param ioEngine {@code Sync} or {@code Async}: accepted, both are as javisor does it
 */
record Drive(
        String id,
        Path path,
        boolean root,
        @Nullable String partUuid,
        boolean readOnly,
        boolean unsafe,
        RateLimit limit,
        String ioEngine) {
    /** An MBR's is shorter than a GPT's; it becomes a word of the kernel's command line. */
    private static final Pattern PARTUUID = Pattern.compile("[0-9A-Fa-f-]{1,36}");

    static Drive read(JsonFields fields) {
        String id = fields.requireString("drive_id");
        if (fields.has("socket")) {
            throw Fault.badRequest("\"socket\" is not supported: javisor has no vhost-user-block device");
        }
        Path path = BootSource.file("path_on_host", fields.requireString("path_on_host"));
        boolean root = fields.requireBool("is_root_device");
        String partUuid = fields.string("partuuid");
        if (partUuid != null && !PARTUUID.matcher(partUuid).matches()) {
            throw Fault.badRequest("\"partuuid\" is no partition's UUID");
        }
        Boolean readOnly = fields.bool("is_read_only");
        String cache = fields.oneOf("cache_type", List.of("Unsafe", "Writeback"));
        String engine = fields.oneOf("io_engine", List.of("Sync", "Async"));
        RateLimit limit = RateLimit.read(fields.object("rate_limiter"));
        fields.end();
        return new Drive(
                id,
                path,
                root,
                partUuid,
                readOnly != null && readOnly,
                cache == null || cache.equals("Unsafe"),
                limit,
                engine == null ? "Sync" : engine);
    }

    /** Of a disk that was made otherwise. */
    static Drive of(String id, DiskConfig disk) {
        return new Drive(
                id,
                disk.path(),
                false,
                null,
                disk.readOnly(),
                disk.cache() == CacheMode.UNSAFE,
                RateLimit.of(disk.requestsPerSecond(), disk.bytesPerSecond()),
                "Async");
    }

    DiskConfig toDisk() {
        return new DiskConfig(
                path,
                readOnly,
                unsafe ? CacheMode.UNSAFE : CacheMode.WRITEBACK,
                "",
                1,
                limit.operationsPerSecond(),
                limit.bytesPerSecond());
    }

    /** What a kernel needs to find its root, which is the first disk. */
    String rootParameters() {
        return "root=" + (partUuid == null ? "/dev/vda" : "PARTUUID=" + partUuid) + (readOnly ? " ro" : " rw");
    }

    Map<String, @Nullable Object> view() {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("drive_id", id);
        view.put("partuuid", partUuid);
        view.put("is_root_device", root);
        view.put("cache_type", unsafe ? "Unsafe" : "Writeback");
        view.put("is_read_only", readOnly);
        view.put("path_on_host", path.toString());
        view.put("rate_limiter", limit.view());
        view.put("io_engine", ioEngine);
        view.put("socket", null);
        return view;
    }
}
