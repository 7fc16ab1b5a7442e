package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.guest.TinyKernel;
import io.javisor.testkit.image.DiskBuilder;
import io.javisor.testkit.image.ExtBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Bad input: one line on standard error, status 125, no stack trace. */
class RunCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run --memory 0 --kernel k               | too little",
                "run --memory -5M --kernel k             | not a memory size",
                "run --memory lots --kernel k            | not a memory size",
                "run --memory 512 --kernel k             | 512M",
                "run --memory 1K --kernel k              | at least 2M",
                "run --cpus 0 --kernel k                 | 1 to 254",
                "run --cpus 255 --kernel k               | 1 to 254",
                "run --cpus two --kernel k               | two",
                "run --cpu nonsense --kernel k           | nonsense",
                "run --cpu host,+avxx --kernel k         | avx",
                "run --boot-protocol elf --kernel k      | linux64, pvh",
                "run --memory-backing tape --kernel k    | tape",
                "run --memory-backing memfd,ksm=on --kernel k | ksm",
                "run --accel tcg --kernel k              | --accel: 'tcg' is none of auto, kvm, software",
                "run --accel kvm,translate=off --kernel k | --accel: 'kvm,translate=off' has an option, which only"
                        + " software takes",
                "run --accel software,translate=no --kernel k | --accel: 'software,translate=no' is none of software,"
                    + " software,translate=on, software,translate=off, software,translate=check, software,perf-map=on,"
                    + " software,perf-map=off",
                "run --name a/b --kernel k               | machine name",
                "run --serial tape --kernel k            | none of stdio, file:PATH[,max=SIZE], socket:PATH, pty or"
                        + " null",
                "run --serial file: --kernel k           | lacks a path",
                "run --disk a,cach=none --kernel k       | --disk: 'cach' is not known; did you mean 'cache'?",
                "run --disk a,cache=all --kernel k       | cache='all' is none of writeback, writethrough, none,"
                        + " unsafe",
                "run --disk a,readonly,readonly --kernel k | readonly' is there twice",
                "run --disk cache=none --kernel k        | lacks the image's path",
                "run --disk a,queues=0 --kernel k        | queues='0' is not a number from 1 to 64",
                "run --disk a,iops=x --kernel k          | iops='x' is not a number",
                "run --net wire --kernel k               | --net: 'wire' is neither tap nor user",
                "run --net tap,brige=b --kernel k        | --net: 'brige' is not known; did you mean 'bridge'?",
                "run --net tap,mtu=1,mtu=2 --kernel k    | --net: 'mtu' is there twice",
                "run --net user,queues=2 --kernel k      | --net: 'queues' is not known",
                "run --net user,publish=80 --kernel k    | publish='80' is not",
                "run --net tap,ifname=abcdefghijklmnop --kernel k | is no name of an interface: these have 1 to 15",
                "run --balloon maybe --kernel k          | --balloon: 'maybe' is none of off, on[,size=SIZE]",
                "run --balloon on,size=1G --kernel k     | no more than there is",
                "run --vsock on --kernel k               | --vsock: 'on' is not cid=N,path=FILE",
                "run --vsock cid=2,path=v --kernel k     | --vsock: cid=2 is the host; a guest's context id is 3 to"
                        + " 4294967294",
                "run --vsock cid=1,path=v --kernel k     | --vsock: cid='1' is not a guest's context id, 3 to"
                        + " 4294967294",
                "run --vsock off,cid=3 --kernel k        | --vsock: 'off' stands alone, without 'cid=3'",
                "run --vsock CID=3,path=v --kernel k     | --vsock: 'CID' is not known; did you mean 'cid'?",
                "run --vsock cid=3,pth=v --kernel k      | --vsock: 'pth' is not known; did you mean 'path'?",
                "run --rng maybe --kernel k              | --rng: 'maybe' is none of on, off or rate=SIZE",
                "run --rng rate=12 --kernel k            | is no rate; write for example rate=64K",
                "run --rng rate=0K --kernel k            | rate=0K' is no rate",
                "run --serial stdio --serial null --serial stdio --kernel k | both be on stdio",
                "run --serial pty --serial pty --serial pty --serial pty --serial pty --kernel k | 5 serial ports are"
                        + " too many",
                "run --kernel /nonexistent/k --dry-run   | does not exist",
                "run --kernel / --dry-run                | is a directory",
                "run --json --kernel k                   | --dry-run",
                "run --stats=xml --kernel k              | xml",
                "run --stats xml --kernel k              | --stats is table or json, not 'xml'",
                "run --stats --dry-run --kernel k        | --stats does not go with --dry-run",
                "run --dry-run --accel software,translate=check --trace t --kernel k | --trace of all instructions"
                        + " leaves translate=check nothing to compare",
                "run --dry-run --accel kvm --trace t --kernel k | --trace: kvm leaves the instructions to the"
                        + " processor",
                "run --kernle k                          | did you mean --kernel",
                "runn                                    | did you mean run?",
                "list                                    | there is no command 'list' (see",
                "console                                 | PATH",
                "console /nonexistent/s                  | there is no /nonexistent/s",
                "console /                               | / is not a socket",
                "console /etc/passwd                     | /etc/passwd is not a socket",
                "console a b unwanted                    | unwanted",
                "run --kernel                            | --kernel",
                "run extra                               | extra"
            })
    void badInputIsOneLine(String arguments, String part) {
        assertRefused(part, arguments.strip().split(" +"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none      | does not exist",
                "directory | is a directory; give the file in it",
                "fifo      | is not a regular file",
                "empty     | an empty file",
                "text      | not a kernel: it looks like text",
                "bzImage   | bzImage",
                "cut       | truncated",
                "cut-code  | truncated",
                "program   | not a kernel",
            })
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // open(2) is not interruptible
    void notAKernel(String name, String part) throws Exception {
        makeFiles();
        Path file = directory.resolve(name);
        assertRefused("kernel " + file, "run", "--dry-run", "--kernel", file.toString());
        assertTrue(err.toString().contains(part), err::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none      | does not exist",
                "directory | is a directory; give the file in it",
                "fifo      | is not a regular file",
                "empty     | is empty",
                "large     | large",
            })
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // open(2) is not interruptible
    void notAnInitrd(String name, String part) throws Exception {
        makeFiles();
        Path file = directory.resolve(name);
        String kernel = TinyKernel.writeTo(directory).toString();
        assertRefused(
                "initrd " + file,
                "run",
                "--dry-run",
                "--memory",
                "16M",
                "--kernel",
                kernel,
                "--initrd",
                file.toString());
        assertTrue(err.toString().contains(part), err::toString);
    }

    @ParameterizedTest
    @CsvSource({"2048", "100000"})
    void commandLineIsTooLong(int length) throws Exception {
        String kernel = TinyKernel.writeTo(directory).toString();
        assertRefused(
                "kernel command line has ", "run", "--dry-run", "--kernel", kernel, "--cmdline", "x".repeat(length));
    }

    @Test
    void commandLineIsNotText() throws Exception {
        String kernel = TinyKernel.writeTo(directory).toString();
        assertRefused(
                "quiet'; it takes printable", "run", "--dry-run", "--kernel", kernel, "--cmdline", "quiet\nroot=x");
    }

    @Test
    void aDryRunNamesWhatIsOnTheDisk() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        Files.copy(
                TinyKernel.writeTo(directory),
                Files.createDirectories(tree.resolve("boot")).resolve("vmlinuz-6.1.0"));
        Files.write(tree.resolve("boot/initrd.img-6.1.0"), new byte[512]);
        Files.writeString(
                Files.createDirectory(tree.resolve("boot/grub")).resolve("grub.cfg"),
                "menuentry Debian {\n linux /boot/vmlinuz-6.1.0 quiet\n initrd /boot/initrd.img-6.1.0\n}\n");
        Path disk = directory.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(4 << 20);
        }
        Process tools = new ProcessBuilder(
                        "sh",
                        "-c",
                        "echo 'start=2048, type=83' | /usr/sbin/sfdisk -q $0 &&"
                                + " /usr/sbin/mke2fs -q -t ext4 -d $1 -E offset=1048576 $0 3M",
                        disk.toString(),
                        tree.toString())
                .redirectErrorStream(true)
                .start();
        String complaint = new String(tools.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, tools.waitFor(), complaint);

        assertEquals(0, run("run", "--dry-run", "--memory", "16M", "--disk", disk.toString()), err::toString);
        String table = out.toString();
        assertTrue(table.contains("kernel          /boot/vmlinuz-6.1.0 in disk " + disk + ", partition 1\n"), table);
        assertTrue(table.contains("initrd          /boot/initrd.img-6.1.0 in disk " + disk + ", partition 1\n"), table);
    }

    /** What the user should know is where he looks: in the dry run, and in its JSON. */
    @Test
    void aDryRunShowsWhatIsMadeUp() throws Exception {
        ByteArrayOutputStream kernel = new ByteArrayOutputStream();
        Files.copy(TinyKernel.writeTo(directory), kernel);
        byte[] root = ExtBuilder.ext4()
                .file("/etc/hostname", "x")
                .directory("/usr")
                .file("/boot/vmlinuz-1", kernel.toByteArray())
                .file("/boot/grub/grub.cfg", "regexp --set=1:n (.) x\nmenuentry a { linux /boot/vmlinuz-1 $n }\n")
                .bytes();
        byte[] bytes = new DiskBuilder().partition(DiskBuilder.LINUX_TYPE, root).gpt();
        // Its first header is gone.
        Arrays.fill(bytes, 512, 1024, (byte) 0);
        String disk = Files.write(directory.resolve("disk.img"), bytes).toString();
        assertEquals(0, run("run", "--dry-run", "--memory", "16M", "--disk", disk), err::toString);
        String table = out.toString();
        assertTrue(table.contains("its backup is used"), table);
        assertTrue(
                table.contains("note: /boot/grub/grub.cfg in partition 1, line 1: 'regexp' is not understood"), table);
        assertTrue(table.contains("its command line is made up: root=PARTUUID="), table);
        assertEquals(0, run("run", "--dry-run", "--json", "--memory", "16M", "--disk", disk), err::toString);
        assertTrue(out.toString().contains("line 1: 'regexp' is not understood"), out::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "0, '', holds nothing",
        "0, XFSB, holds XFS",
        "65600, _BHRfS_M, holds btrfs",
        "0, hsqs, holds squashfs",
        "4086, SWAPSPACE2, holds swap",
        "536, LVM2 001, holds an LVM volume",
        "0, QFI\u00fb, is a qcow2 image",
        "0, conectix, is a VHD image",
    })
    void theDefaultGuestsDiskHasARoot(int offset, String magic, String reason) throws Exception {
        byte[] bytes = new byte[1 << 17];
        byte[] start = magic.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(start, 0, bytes, offset, start.length);
        String disk = Files.write(directory.resolve("disk.img"), bytes).toString();
        assertRefused(disk + " " + reason, "run", "--disk", disk);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--disk DIR/qcow2                          | is a qcow2 image",
                "--disk DIR/raw --disk DIR/none            | none does not exist",
                "--disk DIR/raw --disk DIR/raw             | which this machine has already",
                "--cloud-init DIR/none                     | user-data DIR/none does not exist",
                "--cloud-init DIR/raw                      | user-data",
                "--serial socket:DIR/none/s                | there is no directory DIR/none",
                "--serial file:DIR/none/s                  | its directory does not exist",
                "--gdb unix:DIR/raw                        | exists and is not a socket",
                "--accel software --trace DIR/none/t       | trace DIR/none/t can't be made",
            })
    void aDryRunLooksAtAllThatARunOpens(String options, String part) throws Exception {
        Files.write(directory.resolve("raw"), new byte[4096]);
        Files.write(directory.resolve("qcow2"), new byte[] {'Q', 'F', 'I', (byte) 0xFB, 0, 0, 0, 3});
        String kernel = TinyKernel.writeTo(directory).toString();
        String place = directory.toString();
        String arguments = "run --dry-run --memory 16M --kernel " + kernel + " "
                + options.strip().replace("DIR", place);
        assertRefused(part.replace("DIR", place), arguments.split(" +"));
    }

    @Test
    void whatIsRefusedAboveIsTakenWithoutTheFault() throws Exception {
        Path initrd = Files.write(directory.resolve("initrd"), new byte[4096]);
        String kernel = TinyKernel.writeTo(directory).toString();
        assertEquals(
                0,
                run(
                        "run",
                        "--dry-run",
                        "--memory",
                        "16M",
                        "--kernel",
                        kernel,
                        "--initrd",
                        initrd.toString(),
                        "--cmdline",
                        "quiet root=x"),
                err::toString);
        assertTrue(out.toString().contains("linux64"), out::toString);
    }

    private void makeFiles() throws IOException, InterruptedException {
        byte[] kernel = Files.readAllBytes(TinyKernel.writeTo(directory));
        Files.createDirectory(directory.resolve("directory"));
        Files.createFile(directory.resolve("empty"));
        Files.writeString(directory.resolve("text"), "not a kernel\n");
        Files.write(directory.resolve("cut"), Arrays.copyOf(kernel, 40));
        Files.write(directory.resolve("cut-code"), Arrays.copyOf(kernel, kernel.length - 1));
        Files.copy(Path.of("/bin/sh"), directory.resolve("program"));
        byte[] bzImage = new byte[4096];
        bzImage[0x1FE] = 0x55;
        bzImage[0x1FF] = (byte) 0xAA;
        System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, bzImage, 0x202, 4);
        Files.write(directory.resolve("bzImage"), bzImage);
        try (RandomAccessFile large =
                new RandomAccessFile(directory.resolve("large").toFile(), "rw")) {
            large.setLength(17 << 20);
        }
        assertEquals(
                0, Program.run("mkfifo", directory.resolve("fifo").toString()).status());
    }

    private void assertRefused(String part, String... arguments) {
        assertEquals(125, run(arguments));
        assertTrue(err.toString().startsWith("javisor: "), err::toString);
        assertTrue(err.toString().contains(part.strip()), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertEquals("", out.toString());
    }

    @Test
    void noCommandSaysWhatThereIs() {
        assertEquals(125, run());
        assertTrue(err.toString().contains("javisor run"), err::toString);
    }

    @ParameterizedTest
    @CsvSource({"--help", "run --help", "help run"})
    void helpIsEverywhere(String arguments) {
        assertEquals(0, run(arguments.split(" ")));
        assertTrue(out.toString().contains("Usage: javisor"), out::toString);
    }

    @Test
    void verboseShowsTheStackTrace() {
        assertEquals(
                125,
                run("--verbose", "run", "--kernel", directory.resolve("none").toString(), "--dry-run"));
        assertTrue(err.toString().contains("\tat "), err::toString);
    }

    @Test
    void helpNamesEveryExitStatus() {
        assertEquals(0, run("run", "--help"));
        for (String status : new String[] {"0 ", "N ", "124", "125", "126", "128+n"}) {
            assertTrue(out.toString().contains("  " + status), out::toString);
        }
        assertFalse(out.toString().contains("${"), out::toString);
    }

    private int run(String... arguments) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
