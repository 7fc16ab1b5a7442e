package io.javisor.testkit.guest;

import io.javisor.testkit.image.ElfBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** A kernel of a few instructions as a 64-bit ELF file with one segment, entered in 64-bit mode by the Linux boot protocol. */
final class KernelFile {
    static final long LOAD_GPA = 0x20_0000;

    private KernelFile() {}

    /** Writes {@code code}, whose first instruction is entered, to a file of that name, readable by everybody. */
    static Path write(Path directory, String name, byte[] code) throws IOException {
        byte[] image = ElfBuilder.elf64()
                .entry(LOAD_GPA)
                .load(LOAD_GPA, code, code.length)
                .bytes();
        return Files.write(directory.resolve(name), image);
    }

    /** The bytes of a listing: hexadecimal ones before the {@code ;} of each line. */
    static byte[] code(String listing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String line : listing.lines().toList()) {
            String hex = line.substring(0, line.indexOf(';')).strip();
            bytes.writeBytes(HexFormat.ofDelimiter(" ").parseHex(hex));
        }
        return bytes.toByteArray();
    }
}
