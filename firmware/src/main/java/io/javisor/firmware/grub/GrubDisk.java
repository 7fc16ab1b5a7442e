package io.javisor.firmware.grub;

import io.javisor.firmware.disk.ByteSource;
import io.javisor.firmware.disk.PartitionTable;
import io.javisor.firmware.disk.Volume;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The disk as GRUB names it: {@code (hd0,gpt1)/boot}. Any number of the disk stands for this one; there is no other. */
public record GrubDisk(PartitionTable.Kind kind, List<Volume> volumes) {
    private static final Pattern DEVICE = Pattern.compile("(?:hd\\d+,)(?:gpt|msdos)?(\\d{1,5})");

    /** A path on a volume. */
    record Location(Volume volume, String path) {
        @Nullable
        ByteSource file() {
            return volume.files().file(path);
        }

        boolean isDirectory() {
            return volume.files().isDirectory(path);
        }
    }

    /** A list that changes later does not change this. */
    public GrubDisk {
        volumes = List.copyOf(volumes);
    }

    /** GRUB's name of it, without parentheses. */
    String device(Volume volume) {
        String table = kind == PartitionTable.Kind.GPT ? "gpt" : "msdos";
        return "hd0,%s%d".formatted(table, volume.partition().number());
    }

    /** Null if there is no such device, or no file system in it that can be read. */
    @Nullable
    Volume volume(String device) {
        Matcher matcher = DEVICE.matcher(device);
        if (!matcher.matches()) {
            return null;
        }
        int number = Integer.parseInt(matcher.group(1));
        return volumes.stream()
                .filter(volume -> volume.partition().number() == number)
                .findFirst()
                .orElse(null);
    }

    /** Where {@code path} leads, with a device in parentheses or else on {@code root}; null if there is no such device. */
    @Nullable
    Location locate(String path, String root) {
        int close = path.indexOf(')');
        boolean named = path.startsWith("(") && close > 0;
        Volume volume = volume(named ? path.substring(1, close) : root);
        return volume == null ? null : new Location(volume, named ? path.substring(close + 1) : path);
    }
}
