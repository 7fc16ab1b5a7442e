package io.javisor.testkit.guest;

import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.image.MultibootBuilder;
import java.io.ByteArrayOutputStream;

/**
 * A Multiboot kernel at 1 MiB that prints on the first serial port what it finds at its entry, a line each, then writes 0 to port 0xF4. Numbers are
 * hexadecimal:
 *
 * <pre>
 * magic 2badb002     EAX
 * flags 0000024d     those of the information that it looks at: memory, command line, modules, memory map, loader's name
 * cr0 00000001       PE and PG
 * eflags 00000000    VM and IF
 * limit ffffffff     of CS, DS, ES, FS, GS, SS, each with
 * rights 00c09a00    what LAR gives, but for the type's accessed bit and what is not architectural
 * a20 00000001       1 if two addresses that differ in bit 20 are two
 * bss 00000000       a word behind what the file fills
 * lower 0000027f     mem_lower
 * upper 0000fb80     mem_upper
 * cmdline ...
 * loader ...
 * module 00102000    its start, and so on for each module
 * size 00000005      in bytes
 * sum 00000214       of its bytes
 * text ...
 * mmap BASE LENGTH TYPE   for each entry
 * </pre>
 */
public final class MultibootProbe {
    /** Where it is loaded; the header is first. */
    public static final int LOAD_GPA = 0x10_0000;

    private static final int ENTRY_GPA = LOAD_GPA + MultibootBuilder.HEADER_SIZE;

    /** Its stack. */
    private static final int BSS_SIZE = 0x1010;

    private static final int HIGHER_HALF = 0xC000_0000;

    private static final String CODE = """
        bc a0 12 10 00                 ; start:   mov $0x1012a0,%esp
        53                             ;          push %ebx
        89 c5                          ;          mov %eax,%ebp
        be 2a 02 00 00                 ;          mov $0x22a,%esi
        e8 a5 01 00 00                 ;          call word
        8b 1c 24                       ;          mov (%esp),%ebx
        8b 2b                          ;          mov (%ebx),%ebp
        81 e5 4d 02 00 00              ;          and $0x24d,%ebp
        be 31 02 00 00                 ;          mov $0x231,%esi
        e8 90 01 00 00                 ;          call word
        0f 20 c5                       ;          mov %cr0,%ebp
        81 e5 01 00 00 80              ;          and $0x80000001,%ebp
        be 38 02 00 00                 ;          mov $0x238,%esi
        e8 7d 01 00 00                 ;          call word
        9c                             ;          pushf
        5d                             ;          pop %ebp
        81 e5 00 02 02 00              ;          and $0x20200,%ebp
        be 3d 02 00 00                 ;          mov $0x23d,%esi
        e8 6b 01 00 00                 ;          call word
        8c c8                          ;          mov %cs,%eax
        e8 47 01 00 00                 ;          call segment
        8c d8                          ;          mov %ds,%eax
        e8 40 01 00 00                 ;          call segment
        8c c0                          ;          mov %es,%eax
        e8 39 01 00 00                 ;          call segment
        8c e0                          ;          mov %fs,%eax
        e8 32 01 00 00                 ;          call segment
        8c e8                          ;          mov %gs,%eax
        e8 2b 01 00 00                 ;          call segment
        8c d0                          ;          mov %ss,%eax
        e8 24 01 00 00                 ;          call segment
        c7 05 00 07 30 00 01 00 00 00  ;          movl $0x1,0x300700
        c7 05 00 07 20 00 02 00 00 00  ;          movl $0x2,0x200700
        8b 2d 00 07 30 00              ;          mov 0x300700,%ebp
        be 54 02 00 00                 ;          mov $0x254,%esi
        e8 1d 01 00 00                 ;          call word
        8b 2d b0 02 10 00              ;          mov 0x1002b0,%ebp
        be 59 02 00 00                 ;          mov $0x259,%esi
        e8 0d 01 00 00                 ;          call word
        8b 6b 04                       ;          mov 0x4(%ebx),%ebp
        be 5e 02 00 00                 ;          mov $0x25e,%esi
        e8 00 01 00 00                 ;          call word
        8b 6b 08                       ;          mov 0x8(%ebx),%ebp
        be 65 02 00 00                 ;          mov $0x265,%esi
        e8 f3 00 00 00                 ;          call word
        be 6c 02 00 00                 ;          mov $0x26c,%esi
        e8 06 01 00 00                 ;          call name
        8b 73 10                       ;          mov 0x10(%ebx),%esi
        e8 11 01 00 00                 ;          call line
        be 75 02 00 00                 ;          mov $0x275,%esi
        e8 f4 00 00 00                 ;          call name
        8b 73 40                       ;          mov 0x40(%ebx),%esi
        e8 ff 00 00 00                 ;          call line
        8b 7b 14                       ;          mov 0x14(%ebx),%edi
        8b 5b 18                       ;          mov 0x18(%ebx),%ebx
        85 ff                          ; mods:    test %edi,%edi
        74 4e                          ;          je maps
        8b 2b                          ;          mov (%ebx),%ebp
        be 7d 02 00 00                 ;          mov $0x27d,%esi
        e8 b9 00 00 00                 ;          call word
        8b 6b 04                       ;          mov 0x4(%ebx),%ebp
        2b 2b                          ;          sub (%ebx),%ebp
        be 85 02 00 00                 ;          mov $0x285,%esi
        e8 aa 00 00 00                 ;          call word
        8b 4b 04                       ;          mov 0x4(%ebx),%ecx
        8b 33                          ;          mov (%ebx),%esi
        31 ed                          ;          xor %ebp,%ebp
        0f b6 06                       ; sum:     movzbl (%esi),%eax
        01 c5                          ;          add %eax,%ebp
        46                             ;          inc %esi
        39 ce                          ;          cmp %ecx,%esi
        75 f6                          ;          jne sum
        be 8b 02 00 00                 ;          mov $0x28b,%esi
        e8 8f 00 00 00                 ;          call word
        be 90 02 00 00                 ;          mov $0x290,%esi
        e8 a2 00 00 00                 ;          call name
        8b 73 08                       ;          mov 0x8(%ebx),%esi
        e8 ad 00 00 00                 ;          call line
        83 c3 10                       ;          add $0x10,%ebx
        4f                             ;          dec %edi
        eb ae                          ;          jmp mods
        58                             ; maps:    pop %eax
        8b 58 30                       ;          mov 0x30(%eax),%ebx
        8b 78 2c                       ;          mov 0x2c(%eax),%edi
        01 df                          ;          add %ebx,%edi
        39 fb                          ; map:     cmp %edi,%ebx
        73 45                          ;          jae done
        be 96 02 00 00                 ;          mov $0x296,%esi
        e8 7d 00 00 00                 ;          call name
        8b 6b 08                       ;          mov 0x8(%ebx),%ebp
        e8 8f 00 00 00                 ;          call hex
        8b 6b 04                       ;          mov 0x4(%ebx),%ebp
        e8 87 00 00 00                 ;          call hex
        b0 20                          ;          mov $0x20,%al
        e8 55 00 00 00                 ;          call char
        8b 6b 10                       ;          mov 0x10(%ebx),%ebp
        e8 78 00 00 00                 ;          call hex
        8b 6b 0c                       ;          mov 0xc(%ebx),%ebp
        e8 70 00 00 00                 ;          call hex
        8b 6b 14                       ;          mov 0x14(%ebx),%ebp
        be 9c 02 00 00                 ;          mov $0x29c,%esi
        e8 2c 00 00 00                 ;          call word
        03 1b                          ;          add (%ebx),%ebx
        83 c3 04                       ;          add $0x4,%ebx
        eb b7                          ;          jmp map
        31 c0                          ; done:    xor %eax,%eax
        e6 f4                          ;          out %al,$0xf4
        fa                             ;          cli
        f4                             ; halt:    hlt
        eb fd                          ;          jmp halt
        0f 03 e8                       ; segment: lsl %eax,%ebp
        0f 02 c8                       ;          lar %eax,%ecx
        81 e1 00 fa d0 00              ;          and $0xd0fa00,%ecx
        51                             ;          push %ecx
        be 45 02 00 00                 ;          mov $0x245,%esi
        e8 06 00 00 00                 ;          call word
        5d                             ;          pop %ebp
        be 4c 02 00 00                 ;          mov $0x24c,%esi
        e8 18 00 00 00                 ; word:    call name
        e8 2d 00 00 00                 ;          call hex
        b0 0a                          ; newline: mov $0xa,%al
        50                             ; char:    push %eax
        66 ba fd 03                    ;          mov $0x3fd,%dx
        ec                             ; wait:    in (%dx),%al
        a8 20                          ;          test $0x20,%al
        74 fb                          ;          je wait
        58                             ;          pop %eax
        66 ba f8 03                    ;          mov $0x3f8,%dx
        ee                             ;          out %al,(%dx)
        c3                             ;          ret
        81 c6 00 00 10 00              ; name:    add $0x100000,%esi
        ac                             ; text:    lods (%esi),%al
        84 c0                          ;          test %al,%al
        74 07                          ;          je back
        e8 df ff ff ff                 ;          call char
        eb f4                          ;          jmp text
        c3                             ; back:    ret
        e8 ee ff ff ff                 ; line:    call text
        eb d3                          ;          jmp newline
        b9 08 00 00 00                 ; hex:     mov $0x8,%ecx
        c1 c5 04                       ; digit:   rol $0x4,%ebp
        89 e8                          ;          mov %ebp,%eax
        24 0f                          ;          and $0xf,%al
        04 30                          ;          add $0x30,%al
        3c 39                          ;          cmp $0x39,%al
        76 02                          ;          jbe put
        04 27                          ;          add $0x27,%al
        e8 bc ff ff ff                 ; put:     call char
        e2 ea                          ;          loop digit
        c3                             ;          ret
        6d 61 67 69 63 20 00           ;          .asciz "magic "
        66 6c 61 67 73 20 00           ;          .asciz "flags "
        63 72 30 20 00                 ;          .asciz "cr0 "
        65 66 6c 61 67 73 20 00        ;          .asciz "eflags "
        6c 69 6d 69 74 20 00           ;          .asciz "limit "
        72 69 67 68 74 73 20 00        ;          .asciz "rights "
        61 32 30 20 00                 ;          .asciz "a20 "
        62 73 73 20 00                 ;          .asciz "bss "
        6c 6f 77 65 72 20 00           ;          .asciz "lower "
        75 70 70 65 72 20 00           ;          .asciz "upper "
        63 6d 64 6c 69 6e 65 20 00     ;          .asciz "cmdline "
        6c 6f 61 64 65 72 20 00        ;          .asciz "loader "
        6d 6f 64 75 6c 65 20 00        ;          .asciz "module "
        73 69 7a 65 20 00              ;          .asciz "size "
        73 75 6d 20 00                 ;          .asciz "sum "
        74 65 78 74 20 00              ;          .asciz "text "
        6d 6d 61 70 20 00              ;          .asciz "mmap "
        20 00                          ;          .asciz " "
        """;

    private MultibootProbe() {}

    /** As a 32-bit ELF image. */
    public static byte[] elf32() {
        byte[] image = image(MultibootBuilder.ALIGN_MODULES | MultibootBuilder.MEMORY_INFO);
        return ElfBuilder.elf32()
                .entry(ENTRY_GPA)
                .load(LOAD_GPA, image, image.length + BSS_SIZE)
                .bytes();
    }

    /** As a 64-bit ELF image, which is entered in 32-bit mode all the same, linked for 3 GiB above where it is loaded. */
    public static byte[] elf64() {
        byte[] image = image(MultibootBuilder.MEMORY_INFO);
        long linked = Integer.toUnsignedLong(HIGHER_HALF);
        return ElfBuilder.elf64()
                .entry(linked + ENTRY_GPA)
                .loadLinkedAt(linked + LOAD_GPA, LOAD_GPA, image, image.length + BSS_SIZE)
                .bytes();
    }

    /** As a file of no format, by the header's address fields. */
    public static byte[] flat() {
        return image(MultibootBuilder.ALIGN_MODULES | MultibootBuilder.ADDRESSES);
    }

    private static byte[] image(int flags) {
        byte[] code = KernelFile.code(CODE);
        int endGpa = ENTRY_GPA + code.length;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MultibootBuilder.header(flags, LOAD_GPA, LOAD_GPA, endGpa, endGpa + BSS_SIZE, ENTRY_GPA));
        out.writeBytes(code);
        return out.toByteArray();
    }
}
