package io.javisor.images.grub;

import io.javisor.images.ByteSource;
import io.javisor.images.FileKind;
import io.javisor.images.disk.PartitionTable;
import io.javisor.images.disk.Volume;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The disk as GRUB names it: {@code (hd0,gpt1)/boot}. Any number of the disk stands for this one; there is no other.
 *
 * @param unread what GRUB may read and javisor can't
 */
public record GrubDisk(PartitionTable.Kind kind, List<Volume> volumes, List<Unread> unread) {
    private static final Pattern DEVICE = Pattern.compile("(?:hd\\d+,)(?:gpt|msdos)?(\\d{1,5})");

    private static final int SHOWN_MAX = 8;

    /** What may lie in any partition, or over all of them. */
    private static final Pattern WHOLE = Pattern.compile("hd\\d+|(?:loop|ldm).*");

    private static final Pattern PART = Pattern.compile("(?:hd|ahci|ata|usb)\\d+,[a-z]*(\\d{1,5})(?:,.*)?");
    private static final Pattern LAYERED = Pattern.compile("(?:lvm|md|crypto).*");
    private static final Set<FileKind> LAYERS = EnumSet.of(FileKind.LVM, FileKind.LUKS, FileKind.RAID);

    /** A partition. */
    public record Unread(int number, FileKind content) {
        @Override
        public String toString() {
            return "%d (%s)".formatted(number, content.displayName());
        }
    }

    /** A path on a volume. */
    record Location(Volume volume, String path) {
        @Nullable
        ByteSource file() {
            return path.startsWith("/") ? volume.files().file(path) : null;
        }

        boolean isDirectory() {
            return volume.files().isDirectory(path);
        }
    }

    /** A list that changes later does not change this. */
    public GrubDisk {
        volumes = List.copyOf(volumes);
        unread = List.copyOf(unread);
    }

    /** GRUB's name of it, without parentheses. */
    String device(Volume volume) {
        String table = kind == PartitionTable.Kind.GPT ? "gpt" : "msdos";
        return "hd0,%s%d".formatted(table, volume.partition().number());
    }

    /** A device's name as GRUB keeps it, of one that may be in parentheses. */
    static String withoutParentheses(String device) {
        boolean in = device.length() >= 2 && device.startsWith("(") && device.endsWith(")");
        return in ? device.substring(1, device.length() - 1) : device;
    }

    /** Null if there is no such device, or no file system in it that can be read. The name may be in parentheses. */
    @Nullable
    Volume volume(String device) {
        Matcher matcher = DEVICE.matcher(withoutParentheses(device));
        if (!matcher.matches()) {
            return null;
        }
        int number = Integer.parseInt(matcher.group(1));
        return volumes.stream()
                .filter(volume -> volume.partition().number() == number)
                .findFirst()
                .orElse(null);
    }

    /** The partitions in which a device may lie that is no volume. The name may be in parentheses. */
    List<Unread> mayHold(String device) {
        String name = withoutParentheses(device);
        Matcher part = PART.matcher(name);
        if (part.matches()) {
            int number = Integer.parseInt(part.group(1));
            return unread.stream().filter(each -> each.number == number).toList();
        }
        // A layer may lie in another one.
        return LAYERED.matcher(name).matches()
                ? unread.stream().filter(each -> LAYERS.contains(each.content)).toList()
                : WHOLE.matcher(name).matches() ? unread : List.of();
    }

    /** For messages. */
    static String words(List<Unread> partitions) {
        return partitions.stream().limit(SHOWN_MAX).map(Unread::toString).collect(Collectors.joining(", "))
                + (partitions.size() > SHOWN_MAX ? " or others" : "");
    }

    /** The device that {@code path} is on. */
    static String device(String path, String root) {
        int close = path.indexOf(')');
        return path.startsWith("(") && close > 0 ? path.substring(1, close) : root;
    }

    /** Where {@code path} leads, with a device in parentheses or else on {@code root}; null if there is no such device. */
    @Nullable
    Location locate(String path, String root) {
        Volume volume = volume(device(path, root));
        boolean named = path.startsWith("(");
        return volume == null ? null : new Location(volume, named ? path.substring(path.indexOf(')') + 1) : path);
    }
}
