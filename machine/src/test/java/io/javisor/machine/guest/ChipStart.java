package io.javisor.machine.guest;

/** What guests begin with that take interrupts, from 0x1000 on. */
final class ChipStart {
    /** 8259A: ICW1 to ICW4 of both chips, vectors 0x20 and 0x28. Goes on at 0x101c. */
    static final String PICS = """
        1000: b0 11                  ; mov al,0x11
        1002: e6 20                  ; out 0x20,al
        1004: e6 a0                  ; out 0xa0,al
        1006: b0 20                  ; mov al,0x20
        1008: e6 21                  ; out 0x21,al
        100a: b0 28                  ; mov al,0x28
        100c: e6 a1                  ; out 0xa1,al
        100e: b0 04                  ; mov al,0x4
        1010: e6 21                  ; out 0x21,al
        1012: b0 02                  ; mov al,0x2
        1014: e6 a1                  ; out 0xa1,al
        1016: b0 01                  ; mov al,0x1
        1018: e6 21                  ; out 0x21,al
        101a: e6 a1                  ; out 0xa1,al
        """;

    /** The 8259As masked; the local APIC's spurious vector register, enabled; rbx is its page. Goes on at 0x1015. */
    static final String LOCAL_APIC = """
        1000: b0 ff                  ; mov al,0xff
        1002: e6 21                  ; out 0x21,al
        1004: e6 a1                  ; out 0xa1,al
        1006: bb 00 00 e0 fe         ; mov ebx,0xfee00000
        100b: c7 83 f0 00 00 00 ff 01 00 00 ; mov DWORD PTR [rbx+0xf0],0x1ff
        """;

    private ChipStart() {}
}
