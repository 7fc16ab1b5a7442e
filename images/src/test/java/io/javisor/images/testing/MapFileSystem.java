package io.javisor.images.testing;

import io.javisor.images.ByteSource;
import io.javisor.images.disk.FileSystem;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Files by their paths, for tests of what reads them. */
public final class MapFileSystem implements FileSystem {
    private final String uuid;
    private final String label;
    private final Map<String, byte[]> files = new TreeMap<>();

    public MapFileSystem(String uuid, String label) {
        this.uuid = uuid;
        this.label = label;
    }

    public MapFileSystem with(String path, String content) {
        files.put(path, content.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    @Override
    public String uuid() {
        return uuid;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public @Nullable ByteSource file(String path) {
        byte[] content = files.get(path);
        return content == null ? null : ByteSource.of(path, MemorySegment.ofArray(content));
    }

    @Override
    public boolean isDirectory(String path) {
        return files.keySet().stream().anyMatch(file -> file.startsWith(path.replaceAll("/*$", "") + "/"));
    }

    @Override
    public List<String> names(String path) {
        String directory = path.replaceAll("/*$", "") + "/";
        return files.keySet().stream()
                .filter(file -> file.startsWith(directory))
                .map(file -> file.substring(directory.length()).replaceAll("/.*", ""))
                .distinct()
                .toList();
    }

    @Override
    public List<String> notes() {
        return List.of();
    }
}
