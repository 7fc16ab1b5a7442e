package io.javisor.images.grub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Partition;
import io.javisor.images.disk.PartitionTable;
import io.javisor.images.disk.Volume;
import io.javisor.images.testing.MapFileSystem;
import io.javisor.testkit.HeapMeter;
import io.javisor.testkit.image.GrubSamples;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text as GRUB's configuration: up to a zero byte; then an environment block, up to another; then a boot entry. It boots files that are
 * there, the same ones each time, or is refused in one line.
 */
class GrubFuzzTest {
    private static final long HEAP_MAX = 1L << 30;

    static Stream<byte[]> seeds() {
        String environment = "\0# GRUB Environment Block\nsaved_entry=1>1\nkernelopts=root=/dev/vda1\n###";
        return Stream.of(
                        GrubSamples.debian("u") + environment,
                        GrubSamples.ubuntu(),
                        GrubSamples.fedora() + environment
                                + "\0title T\n"
                                + "version 1\n"
                                + "linux /boot/vmlinuz-1\n"
                                + "initrd /boot/initrd.img-1 $x\n"
                                + "options $kernelopts ${y}\n",
                        "for i in a b; do until [ $i = a -o ! -e /x ]; do i=a; done; done; configfile"
                                + " (hd0,1)/boot/grub/grub.cfg",
                        "function f { linux16 /boot/vmlinuz-1 \"$@\" \\\\ 'x y'; }\nf a b; initrd /boot/initrd.img-1",
                        "search -l -s root BOX; search.file /boot/vmlinuz-1 root; source $prefix/x; blscfg /e; unset a")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("seeds")
    @FuzzTest
    void bootsOrIsRefused(byte[] input) {
        HeapMeter heap = HeapMeter.start();
        String first = boot(input);
        heap.requireAtMost(HEAP_MAX);
        assertEquals(first, boot(input));
    }

    private static String boot(byte[] input) {
        String[] texts = new String(input, StandardCharsets.ISO_8859_1).split("\0", 3);
        MapFileSystem files = new MapFileSystem("u", "BOX")
                .with("/boot/vmlinuz-1", "k")
                .with("/boot/vmlinuz-2", "k")
                .with("/boot/initrd.img-1", "i")
                .with("/boot/initrd.img-2", "i")
                .with("/boot/grub/grub.cfg", texts[0])
                .with("/boot/grub/grubenv", texts.length > 1 ? texts[1] : "")
                .with("/boot/loader/entries/e.conf", texts.length > 2 ? texts[2] : "");
        Volume volume = new Volume(new Partition(1, 512, 512, "83", "x"), files);
        try {
            BootFiles found = GrubConfig.boot(
                    new GrubDisk(PartitionTable.Kind.MBR, List.of(volume), List.of()), volume, "/boot/grub/grub.cfg");
            assertEquals(1, found.kernel().sizeBytes(), "a file that is none of these");
            requireLine(found.description());
            return found.kernel().name() + found.initrds().size() + found.commandLine() + found.description();
        } catch (ImageException e) {
            requireLine(String.valueOf(e.getMessage()));
            return String.valueOf(e.getMessage());
        }
    }

    private static void requireLine(String line) {
        assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7F), line);
    }
}
