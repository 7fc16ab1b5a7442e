package io.javisor.machine.config;

import io.javisor.devices.virtio.block.BlockDeviceConfig;
import io.javisor.devices.virtio.block.BlockProtocol;
import io.javisor.devices.virtio.block.CacheMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A disk.
 *
 * @param path a raw image or a block device
 * @param readOnly whether the guest may only read it
 * @param cache what becomes of writes
 * @param serial what the guest sees as its serial number: at most 20 characters of ASCII
 * @param queues request queues, 1 to {@link BlockDeviceConfig#MAX_QUEUES}
 * @param requestsPerSecond the most requests, 0 for no limit
 * @param bytesPerSecond the most bytes, 0 for no limit
 */
public record DiskConfig(
        Path path,
        boolean readOnly,
        CacheMode cache,
        String serial,
        int queues,
        long requestsPerSecond,
        long bytesPerSecond)
        implements VirtioDeviceConfig {
    /** What {@link #parse} takes. */
    public static final String SYNTAX =
            "[path=]FILE[,readonly][,cache=writeback|writethrough|none|unsafe][,serial=TEXT][,queues=N][,iops=N]"
                    + "[,bandwidth=SIZE]";

    private static final Set<String> KEYS =
            Set.of("path", "readonly", "cache", "serial", "queues", "iops", "bandwidth");

    /** @throws ConfigException if a part is out of range */
    public DiskConfig {
        requireSerial(serial);
        if (queues < 1 || queues > BlockDeviceConfig.MAX_QUEUES) {
            throw new ConfigException("a disk has 1 to " + BlockDeviceConfig.MAX_QUEUES + " queues, not " + queues);
        }
        if (requestsPerSecond < 0 || bytesPerSecond < 0) {
            throw new ConfigException("a disk's limit is negative");
        }
    }

    static void requireSerial(String serial) {
        if (serial.length() > BlockProtocol.VIRTIO_BLK_ID_BYTES
                || !StandardCharsets.US_ASCII.newEncoder().canEncode(serial)) {
            throw new ConfigException("serial number '" + serial + "' is not of at most "
                    + BlockProtocol.VIRTIO_BLK_ID_BYTES + " ASCII characters");
        }
    }

    /** A writable image without limits. */
    public static DiskConfig of(Path path) {
        return new DiskConfig(path, false, CacheMode.WRITEBACK, "", 1, 0, 0);
    }

    /**
     * Reads one as the command line has it.
     *
     * @throws IllegalArgumentException if it is not {@link #SYNTAX}
     * @throws ConfigException if a value is out of range
     */
    public static DiskConfig parse(String text) {
        Map<String, String> words = OptionWords.parse(text, "path", KEYS);
        String path = words.getOrDefault("path", "");
        if (path.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' lacks the image's path: write " + SYNTAX);
        }
        String readOnly = words.get("readonly");
        if (readOnly != null && !readOnly.isEmpty()) {
            throw new IllegalArgumentException("readonly takes no value, but has '" + readOnly + "'");
        }
        String bandwidth = words.get("bandwidth");
        return new DiskConfig(
                Path.of(path),
                readOnly != null,
                cache(words.getOrDefault("cache", "writeback")),
                words.getOrDefault("serial", ""),
                number("queues", words.getOrDefault("queues", "1"), BlockDeviceConfig.MAX_QUEUES),
                words.containsKey("iops") ? number("iops", words.getOrDefault("iops", ""), Integer.MAX_VALUE) : 0,
                bandwidth == null ? 0 : MemorySize.parse(bandwidth));
    }

    private static CacheMode cache(String text) {
        return Arrays.stream(CacheMode.values())
                .filter(mode -> name(mode).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("cache='" + text + "' is none of "
                        + Arrays.stream(CacheMode.values())
                                .map(DiskConfig::name)
                                .collect(Collectors.joining(", "))));
    }

    private static String name(CacheMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    private static int number(String key, String text, int max) {
        try {
            int value = Integer.parseInt(text);
            if (value >= 1 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(key + "='" + text + "' is not a number from 1 to " + max);
    }

    /** The same disk at another path. */
    public DiskConfig at(Path other) {
        return new DiskConfig(other, readOnly, cache, serial, queues, requestsPerSecond, bytesPerSecond);
    }

    @Override
    public String kind() {
        return "disk";
    }

    @Override
    public String description() {
        return "virtio disk: " + this;
    }

    /** As {@link #parse} takes it, without what is as it always is. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(path.toString().replace(",", ",,"));
        if (readOnly) {
            text.append(",readonly");
        }
        if (cache != CacheMode.WRITEBACK) {
            text.append(",cache=").append(name(cache));
        }
        if (!serial.isEmpty()) {
            text.append(",serial=").append(serial.replace(",", ",,"));
        }
        if (queues != 1) {
            text.append(",queues=").append(queues);
        }
        if (requestsPerSecond != 0) {
            text.append(",iops=").append(requestsPerSecond);
        }
        if (bytesPerSecond != 0) {
            text.append(",bandwidth=").append(MemorySize.exact(bytesPerSecond));
        }
        return text.toString();
    }
}
