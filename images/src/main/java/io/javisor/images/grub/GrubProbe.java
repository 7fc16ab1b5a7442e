package io.javisor.images.grub;

import static io.javisor.images.grub.GrubOptions.flag;
import static io.javisor.images.grub.GrubOptions.valued;

import io.javisor.images.disk.PartitionTable;
import io.javisor.images.disk.Volume;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code probe} (GRUB manual, "probe"): what is known of a device. */
record GrubProbe(GrubDisk disk) {
    private static final GrubOptions OPTIONS = GrubOptions.of(
            valued("set", 's'),
            flag("driver", 'd'),
            flag("partmap", 'p'),
            flag("fs", 'f'),
            flag("fs-uuid", 'u'),
            flag("label", 'l'),
            flag("part-uuid", (char) 0));

    /** In the order in which GRUB looks at them. */
    private static final List<String> WHAT = List.of("driver", "partmap", "part-uuid", "fs", "fs-uuid", "label");

    /**
     * What is asked for.
     *
     * @param variable what takes the answer; null if it is only shown
     */
    record Request(String what, String device, @Nullable String variable) {}

    /** Null if it is none that GRUB takes. */
    static @Nullable Request parse(List<String> arguments) {
        GrubOptions.Given given = OPTIONS.parse(arguments);
        if (given == null || given.words().isEmpty() || WHAT.stream().noneMatch(given::has)) {
            return null;
        }
        String what = WHAT.stream().filter(given::has).findFirst().orElseThrow();
        return new Request(what, given.words().getFirst(), given.has("set") ? given.last("set") : null);
    }

    /** None if there is no such device; throws {@link GrubUnclear} for what javisor can't tell of it. */
    Stream<String> answer(Request request) {
        Volume volume = disk.volume(request.device);
        if (volume == null) {
            return Stream.empty();
        }
        return Stream.of(
                switch (request.what) {
                    case "partmap" -> disk.kind() == PartitionTable.Kind.GPT ? "gpt" : "msdos";
                    case "part-uuid" -> volume.partition().uuid();
                    // GRUB's name for all of ext2, ext3 and ext4.
                    case "fs" -> "ext2";
                    case "fs-uuid" -> volume.files().uuid();
                    case "label" -> volume.files().label();
                    default -> throw new GrubUnclear("'probe --driver'");
                });
    }
}
