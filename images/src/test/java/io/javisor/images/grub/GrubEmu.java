package io.javisor.images.grub;

import io.javisor.images.ByteSource;
import io.javisor.images.disk.PartitionTable;
import io.javisor.images.disk.Volume;
import io.javisor.images.ext4.Ext4FileSystem;
import io.javisor.images.ext4.JournalBudget;
import io.javisor.testkit.image.DiskBuilder;
import io.javisor.testkit.image.ExtBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A disk with a menu, and what GRUB itself makes of it: {@code grub-emu}, a GRUB that is a program of Linux, reads the image. It has no loaders; in their place are functions that
 * print what they are given.
 *
 * @param directory for the image
 */
record GrubEmu(Path directory) {
    static final String PROGRAM = "grub-emu";
    static final String BOOT_UUID = "b0070000-0000-0000-0000-00000000b007";

    private static final String PREFIX = "emu_";
    private static final long SECONDS_MAX = 10;
    private static final List<String> FILES = List.of(
            "1:/boot/vmlinuz-1",
            "1:/boot/vmlinuz-2",
            "1:/boot/initrd-1",
            "1:/boot/initrd-2",
            "2:/vmlinuz-3",
            "2:/initrd-3");

    /** Of loaders: that of Linux, and what it leaves behind. Of variables: what GRUB has on a PC, as far as javisor says so. */
    private static final String PRELUDE = """
        timeout=0
        grub_platform=pc
        initrdfail=1
        emu_kernel=
        emu_loaded=
        export timeout grub_platform initrdfail emu_kernel emu_loaded
        export feature_chainloader_bpb feature_ntldr feature_platform_search_hint feature_default_font_path
        export feature_all_video_module feature_menuentry_id feature_menuentry_options feature_200_final
        export feature_nativedisk_cmd feature_timeout_style
        function emu_linux {
          emu_kernel=
          if [ -z "$1" -o ! -f "$1" ]; then return 15; fi
          echo -n "~~L~$root~$1"
          shift
          for emu_each in "$@"; do echo -n "~=$emu_each"; done
          echo "~~"
          emu_kernel=y
          emu_loaded=y
        }
        function emu_initrd {
          if [ "$emu_kernel" != y -o "$#" = 0 ]; then return 15; fi
          for emu_each in "$@"; do if [ ! -f "$emu_each" ]; then return 15; fi; done
          echo -n "~~I~$root"
          for emu_each in "$@"; do echo -n "~=$emu_each"; done
          echo "~~"
        }
        function emu_boot {
          if [ "$emu_loaded" = y ]; then echo "~~B~~"; reboot; fi
          return 15
        }
        function emu_end { emu_boot; }
        """;

    private static final Pattern DRAWN =
            Pattern.compile("\\033\\[\\d+;\\d+H *\\[ [^\\]]*\\]\\033\\[\\d+;\\d+H|\\033\\[[0-9;]*[A-Za-z]");
    private static final Pattern EVENT = Pattern.compile("~~([LIB])((?:~[^~]+)*)~~");

    /** Where GRUB has no entry left to try, or waits for a person. */
    private static final List<String> WAITS =
            List.of("Failed to boot both default and fallback", "Press enter to boot", GrubEmu.PROMPT);

    private static final String PROMPT = "grub> ";
    private static final String ANY_KEY = "Press any key";

    /**
     * What boots.
     *
     * @param kernel its partition and path
     */
    record Boot(String kernel, List<String> initrds, String commandLine) {}

    /** Whether there is the program. */
    static boolean isInstalled() {
        for (String directory : String.valueOf(System.getenv("PATH")).split(":", -1)) {
            if (Files.isExecutable(Path.of(directory, PROGRAM))) {
                return true;
            }
        }
        return false;
    }

    private static byte[] disk(GrubScript script, UnaryOperator<String> text) {
        ExtBuilder root = ExtBuilder.ext4();
        ExtBuilder boot = ExtBuilder.ext2();
        boot.image().position(ExtBuilder.SUPERBLOCK + 0x68);
        boot.image().put(HexFormat.of().parseHex(BOOT_UUID.replace("-", "")));
        boot.image().put("BOOT".getBytes(StandardCharsets.US_ASCII));
        for (String file : FILES) {
            (file.startsWith("1") ? root : boot).file(file.substring(2), file);
        }
        String block = "# GRUB Environment Block\nsaved_entry=1\na=env\nb=x\\\\y z\n";
        root.file("/boot/grub/grubenv", block + "#".repeat(1024 - block.length()));
        script.files().keySet().forEach(path -> root.file(path, text.apply(path)));
        return new DiskBuilder()
                .partition(DiskBuilder.LINUX_TYPE, root.bytes())
                .partition(DiskBuilder.LINUX_TYPE, boot.bytes())
                .gpt();
    }

    /** What javisor reads. */
    static GrubDisk disk(GrubScript script) {
        ByteSource disk = ByteSource.of("disk", MemorySegment.ofArray(disk(script, script::text)));
        PartitionTable table = PartitionTable.read(disk);
        List<Volume> volumes = table.partitions().stream()
                .map(partition -> new Volume(partition, Ext4FileSystem.open(partition.in(disk), new JournalBudget())))
                .toList();
        return new GrubDisk(table.kind(), volumes, List.of());
    }

    /** GRUB had no end in its time, twice: what it would boot is not known. */
    static final class TimedOut extends IOException {
        private static final long serialVersionUID = 1L;

        TimedOut() {
            super("grub-emu was stopped after %d s, twice".formatted(SECONDS_MAX));
        }
    }

    /**
     * What GRUB boots; null if it waits for a person, or crashes.
     *
     * @throws TimedOut if it does neither, be it that the machine is busy
     */
    @Nullable
    Boot boot(GrubScript script) throws IOException {
        Path image = Files.write(
                directory.resolve("disk.img"),
                disk(script, path -> (path.equals(GrubScript.MENU) ? PRELUDE : "") + script.text(path, PREFIX)));
        Path map = Files.writeString(directory.resolve("device.map"), "(hd0) %s\n".formatted(image));
        List<String> command = List.of(PROGRAM, "-m", map.toString(), "-r", "hd0,gpt1", "-d", "/boot/grub");
        String said = run(command);
        said = said != null ? said : run(command);
        if (said == null) {
            throw new TimedOut();
        }
        return read(said);
    }

    /** What it said; null if its time was over. */
    private static @Nullable String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        AtomicBoolean late = new AtomicBoolean();
        CompletableFuture<Process> _ = process.onExit()
                .orTimeout(SECONDS_MAX, TimeUnit.SECONDS)
                .exceptionally(_ -> {
                    late.set(true);
                    return process.destroyForcibly();
                });
        try {
            String said = talk(process);
            return late.get() ? null : said;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String talk(Process process) throws IOException {
        StringBuilder said = new StringBuilder();
        byte[] buffer = new byte[1 << 14];
        int keys = 0;
        try (InputStream in = process.getInputStream();
                OutputStream out = process.getOutputStream()) {
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                said.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
                String all = said.toString();
                if (WAITS.stream().anyMatch(all::contains)) {
                    break;
                }
                if (all.split(ANY_KEY, -1).length - 1 > keys) {
                    keys++;
                    out.write('\r');
                    out.flush();
                }
            }
        }
        return said.toString();
    }

    private static @Nullable Boot read(String said) {
        // Where a line is full GRUB begins another one.
        String text = DRAWN.matcher(said).replaceAll("").replaceAll("[\\r\\n]", "");
        Matcher matcher = EVENT.matcher(text);
        String kernel = "";
        String line = "";
        List<String> initrds = new ArrayList<>();
        while (matcher.find()) {
            String[] words = matcher.group(2).split("~", -1);
            switch (matcher.group(1)) {
                case "L" -> {
                    kernel = place(words[1], words[2]);
                    line = line(given(words, 3));
                    initrds.clear();
                }
                case "I" -> {
                    initrds.clear();
                    given(words, 2).forEach(path -> initrds.add(place(words[1], path)));
                }
                default -> {
                    return new Boot(kernel, List.copyOf(initrds), line);
                }
            }
        }
        // Without a menu only "boot" is left to be said.
        return said.contains(PROMPT) && !kernel.isEmpty() ? new Boot(kernel, List.copyOf(initrds), line) : null;
    }

    private static List<String> given(String[] words, int from) {
        return List.of(words).subList(from, words.length).stream()
                .map(word -> word.substring(1))
                .toList();
    }

    /** A partition's number and a path, of GRUB's names. */
    private static String place(String root, String path) {
        int end = path.startsWith("(") ? path.indexOf(')') : -1;
        String device = end > 0 ? path.substring(1, end) : root;
        return "%s:%s"
                .formatted(
                        device.replaceAll(".*\\D", ""), path.substring(end + 1).replaceAll("/+", "/"));
    }

    /** GRUB 2.12, grub-core/lib/cmdline.c. */
    private static String line(List<String> words) {
        List<String> quoted = new ArrayList<>();
        for (String word : words) {
            String escaped = word.replaceAll("([\\\\'\"])", "\\\\$1");
            quoted.add(word.contains(" ") ? "\"%s\"".formatted(escaped) : escaped);
        }
        return String.join(" ", quoted);
    }
}
