package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.RecordingDevice;
import io.javisor.testkit.guest.RecordingDevice.Access;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** Memory exits of every width, at any alignment, and across the end of a page. */
class MmioTest {
    private static final long MMIO_GPA = 0xD000_0000L;

    private static final String WRITES_REAL = """
        1000: b8 00 f0               ; mov ax,0xf000
        1003: 8e d8                  ; mov ds,ax
        1005: c6 06 10 00 11         ; mov BYTE PTR ds:0x10,0x11
        100a: c7 06 12 00 11 22      ; mov WORD PTR ds:0x12,0x2211
        1010: 66 c7 06 14 00 11 22 33 44 ; mov DWORD PTR ds:0x14,0x44332211
        1019: c6 06 19 00 55         ; mov BYTE PTR ds:0x19,0x55
        101e: 66 c7 06 1b 00 55 66 77 88 ; mov DWORD PTR ds:0x1b,0x88776655
        1027: f4                     ; hlt
        """;

    @MachineTest
    void realModeWrites(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine).code(WRITES_REAL).build()) {
            RecordingDevice device = guest.recordMemory(0xF0000, 0x1000);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(
                            Access.write(0x10, 1, 0x11),
                            Access.write(0x12, 2, 0x2211),
                            Access.write(0x14, 4, 0x4433_2211),
                            Access.write(0x19, 1, 0x55),
                            Access.write(0x1B, 4, 0x8877_6655L)),
                    device.accesses());
        }
    }

    private static final String READS_REAL = """
        1000: b8 00 f0               ; mov ax,0xf000
        1003: 8e c0                  ; mov es,ax
        1005: 66 b8 ff ff ff ff      ; mov eax,0xffffffff
        100b: 26 a0 10 00            ; mov al,es:0x10
        100f: 66 a3 00 a0            ; mov ds:0xa000,eax
        1013: 66 b8 ff ff ff ff      ; mov eax,0xffffffff
        1019: 26 a1 12 00            ; mov ax,es:0x12
        101d: 66 a3 08 a0            ; mov ds:0xa008,eax
        1021: 26 66 a1 14 00         ; mov eax,es:0x14
        1026: 66 a3 10 a0            ; mov ds:0xa010,eax
        102a: f4                     ; hlt
        """;

    @MachineTest
    void realModeReads(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine).code(READS_REAL).build()) {
            RecordingDevice device = guest.recordMemory(0xF0000, 0x1000).answer(0x5A, 0xBEEF, 0x8000_0001L);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(
                            Access.read(0x10, 1, 0x5A),
                            Access.read(0x12, 2, 0xBEEF),
                            Access.read(0x14, 4, 0x8000_0001L)),
                    device.accesses());
            assertEquals(0xFFFF_FF5A, guest.memory().getInt(0xA000));
            assertEquals(0xFFFF_BEEF, guest.memory().getInt(0xA008));
            assertEquals(0x8000_0001, guest.memory().getInt(0xA010));
        }
    }

    private static final String WRITES_LONG = """
        1000: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1005: c6 03 11               ; mov BYTE PTR [rbx],0x11
        1008: 66 c7 43 02 11 22      ; mov WORD PTR [rbx+0x2],0x2211
        100e: c7 43 04 11 22 33 44   ; mov DWORD PTR [rbx+0x4],0x44332211
        1015: 48 b8 11 22 33 44 55 66 77 88 ; movabs rax,0x8877665544332211
        101f: 48 89 43 08            ; mov QWORD PTR [rbx+0x8],rax
        1023: 48 89 43 11            ; mov QWORD PTR [rbx+0x11],rax
        1027: 48 c7 43 20 fe ff ff ff ; mov QWORD PTR [rbx+0x20],0xfffffffffffffffe
        102f: f4                     ; hlt
        """;

    @MachineTest
    void longModeWrites(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(WRITES_LONG).build()) {
            RecordingDevice device = guest.recordMemory(MMIO_GPA, 0x1000);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(
                            Access.write(0, 1, 0x11),
                            Access.write(2, 2, 0x2211),
                            Access.write(4, 4, 0x4433_2211),
                            Access.write(8, 8, 0x8877_6655_4433_2211L),
                            Access.write(0x11, 8, 0x8877_6655_4433_2211L),
                            Access.write(0x20, 8, -2)),
                    device.accesses());
        }
    }

    private static final String READS_LONG = """
        1000: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1005: 48 c7 c0 ff ff ff ff   ; mov rax,0xffffffffffffffff
        100c: 8a 03                  ; mov al,BYTE PTR [rbx]
        100e: 48 89 04 25 00 a0 00 00 ; mov QWORD PTR ds:0xa000,rax
        1016: 48 c7 c0 ff ff ff ff   ; mov rax,0xffffffffffffffff
        101d: 66 8b 43 02            ; mov ax,WORD PTR [rbx+0x2]
        1021: 48 89 04 25 08 a0 00 00 ; mov QWORD PTR ds:0xa008,rax
        1029: 48 c7 c0 ff ff ff ff   ; mov rax,0xffffffffffffffff
        1030: 8b 43 04               ; mov eax,DWORD PTR [rbx+0x4]
        1033: 48 89 04 25 10 a0 00 00 ; mov QWORD PTR ds:0xa010,rax
        103b: 48 8b 43 08            ; mov rax,QWORD PTR [rbx+0x8]
        103f: 48 89 04 25 18 a0 00 00 ; mov QWORD PTR ds:0xa018,rax
        1047: 48 0f be 43 10         ; movsx rax,BYTE PTR [rbx+0x10]
        104c: 48 89 04 25 20 a0 00 00 ; mov QWORD PTR ds:0xa020,rax
        1054: 0f b7 43 11            ; movzx eax,WORD PTR [rbx+0x11]
        1058: 48 89 04 25 28 a0 00 00 ; mov QWORD PTR ds:0xa028,rax
        1060: f4                     ; hlt
        """;

    @MachineTest
    void longModeReads(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(READS_LONG).build()) {
            RecordingDevice device = guest.recordMemory(MMIO_GPA, 0x1000)
                    .answer(0x5A, 0xBEEF, 0x8000_0001L, 0x8877_6655_4433_2211L, 0x80, 0xFEDC);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(
                            Access.read(0, 1, 0x5A),
                            Access.read(2, 2, 0xBEEF),
                            Access.read(4, 4, 0x8000_0001L),
                            Access.read(8, 8, 0x8877_6655_4433_2211L),
                            Access.read(16, 1, 0x80),
                            Access.read(17, 2, 0xFEDC)),
                    device.accesses());
            assertEquals(0xFFFF_FFFF_FFFF_FF5AL, guest.memory().getLong(0xA000));
            assertEquals(0xFFFF_FFFF_FFFF_BEEFL, guest.memory().getLong(0xA008));
            assertEquals(0x8000_0001L, guest.memory().getLong(0xA010));
            assertEquals(0x8877_6655_4433_2211L, guest.memory().getLong(0xA018));
            assertEquals(-128, guest.memory().getLong(0xA020));
            assertEquals(0xFEDC, guest.memory().getLong(0xA028));
        }
    }

    private static final String READ_MODIFY_WRITE = """
        1000: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1005: ff 43 04               ; inc DWORD PTR [rbx+0x4]
        1008: 80 4b 09 81            ; or BYTE PTR [rbx+0x9],0x81
        100c: b8 34 12 00 00         ; mov eax,0x1234
        1011: 87 43 10               ; xchg DWORD PTR [rbx+0x10],eax
        1014: 89 04 25 00 a0 00 00   ; mov DWORD PTR ds:0xa000,eax
        101b: f4                     ; hlt
        """;

    @MachineTest
    void anInstructionMayReadAndWrite(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest =
                TinyGuest.longMode(engine).code(READ_MODIFY_WRITE).build()) {
            RecordingDevice device = guest.recordMemory(MMIO_GPA, 0x1000).answer(41, 0x10, 0x4321);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(
                            Access.read(4, 4, 41),
                            Access.write(4, 4, 42),
                            Access.read(9, 1, 0x10),
                            Access.write(9, 1, 0x91),
                            Access.read(0x10, 4, 0x4321),
                            Access.write(0x10, 4, 0x1234)),
                    device.accesses());
            assertEquals(0x4321, guest.memory().getInt(0xA000));
        }
    }

    private static final String MOVES = """
        1000: fc                     ; cld
        1001: be 00 a0 00 00         ; mov esi,0xa000
        1006: bf 00 00 00 d0         ; mov edi,0xd0000000
        100b: b9 03 00 00 00         ; mov ecx,0x3
        1010: f3 a4                  ; rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]
        1012: be 00 01 00 d0         ; mov esi,0xd0000100
        1017: bf 10 a0 00 00         ; mov edi,0xa010
        101c: b9 02 00 00 00         ; mov ecx,0x2
        1021: f3 a5                  ; rep movs DWORD PTR es:[rdi],DWORD PTR ds:[rsi]
        1023: f4                     ; hlt
        """;

    @MachineTest
    void stringsMoveBetweenMemoryAndDevice(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(MOVES).build()) {
            RecordingDevice device = guest.recordMemory(MMIO_GPA, 0x1000).answer(0x1111_1111, 0x2222_2222);
            guest.memory().putInt(0xA000, 0x00CC_BBAA);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(
                            Access.write(0, 1, 0xAA),
                            Access.write(1, 1, 0xBB),
                            Access.write(2, 1, 0xCC),
                            Access.read(0x100, 4, 0x1111_1111),
                            Access.read(0x104, 4, 0x2222_2222)),
                    device.accesses());
            assertEquals(0x2222_2222_1111_1111L, guest.memory().getLong(0xA010));
        }
    }

    private static final String ACROSS_PAGES = """
        1000: bb fc 0f 00 d0         ; mov ebx,0xd0000ffc
        1005: 48 b8 11 22 33 44 55 66 77 88 ; movabs rax,0x8877665544332211
        100f: 48 89 03               ; mov QWORD PTR [rbx],rax
        1012: 89 43 03               ; mov DWORD PTR [rbx+0x3],eax
        1015: 48 8b 03               ; mov rax,QWORD PTR [rbx]
        1018: 48 89 04 25 00 a0 00 00 ; mov QWORD PTR ds:0xa000,rax
        1020: 66 8b 43 03            ; mov ax,WORD PTR [rbx+0x3]
        1024: 66 89 04 25 08 a0 00 00 ; mov WORD PTR ds:0xa008,ax
        102c: f4                     ; hlt
        """;

    /** What crosses a page is split, since the next page could lie anywhere. */
    @MachineTest
    void anAccessAcrossPagesComesInTwo(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(ACROSS_PAGES).build()) {
            RecordingDevice device = guest.recordMemory(MMIO_GPA, 0x2000).answer(0x4433_2211, 0x8877_6655L, 0xAA, 0xBB);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(
                            Access.write(0xFFC, 4, 0x4433_2211),
                            Access.write(0x1000, 4, 0x8877_6655L),
                            Access.write(0xFFF, 1, 0x11),
                            Access.write(0x1000, 3, 0x44_3322), // so a device meets widths that no instruction has
                            Access.read(0xFFC, 4, 0x4433_2211),
                            Access.read(0x1000, 4, 0x8877_6655L),
                            Access.read(0xFFF, 1, 0xAA),
                            Access.read(0x1000, 1, 0xBB)),
                    device.accesses());
            assertEquals(0x8877_6655_4433_2211L, guest.memory().getLong(0xA000));
            assertEquals((short) 0xBBAA, guest.memory().getShort(0xA008));
        }
    }

    private static final String MEMORY_END = """
        1000: bb fc ff 00 00         ; mov ebx,0xfffc
        1005: 48 b8 11 22 33 44 55 66 77 88 ; movabs rax,0x8877665544332211
        100f: 48 89 03               ; mov QWORD PTR [rbx],rax
        1012: 48 8b 0b               ; mov rcx,QWORD PTR [rbx]
        1015: 48 89 0c 25 00 a0 00 00 ; mov QWORD PTR ds:0xa000,rcx
        101d: f4                     ; hlt
        """;

    @MachineTest
    void anAccessAcrossTheEndOfMemoryIsHalfADevices(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(MEMORY_END).build()) {
            RecordingDevice device = guest.recordMemory(0x10000, 0x1000).answer(0x0DDB_A11L);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(List.of(Access.write(0, 4, 0x8877_6655L), Access.read(0, 4, 0x0DDB_A11L)), device.accesses());
            assertEquals(0x4433_2211, guest.memory().getInt(0xFFFC));
            assertEquals(0x00DD_BA11_4433_2211L, guest.memory().getLong(0xA000));
        }
    }

    private static final String UNCLAIMED = """
        1000: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1005: 48 89 03               ; mov QWORD PTR [rbx],rax
        1008: 31 c0                  ; xor eax,eax
        100a: 8a 03                  ; mov al,BYTE PTR [rbx]
        100c: 48 89 04 25 00 a0 00 00 ; mov QWORD PTR ds:0xa000,rax
        1014: 48 8b 43 10            ; mov rax,QWORD PTR [rbx+0x10]
        1018: 48 89 04 25 08 a0 00 00 ; mov QWORD PTR ds:0xa008,rax
        1020: 8b 83 fe 0f 00 00      ; mov eax,DWORD PTR [rbx+0xffe]
        1026: 48 89 04 25 10 a0 00 00 ; mov QWORD PTR ds:0xa010,rax
        102e: f4                     ; hlt
        """;

    @MachineTest
    void memoryThatNobodyClaimsReadsAllOnesAndIsCounted(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(UNCLAIMED).build()) {
            RecordingDevice device = guest.recordMemory(MMIO_GPA + 0x1000, 1).answer(0x12);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0xFF, guest.memory().getLong(0xA000));
            assertEquals(-1, guest.memory().getLong(0xA008));
            assertEquals(0xFF12_FFFFL, guest.memory().getLong(0xA010));
            assertEquals(List.of(Access.read(0, 1, 0x12)), device.accesses());
            assertEquals(1, guest.deviceMemory().unclaimedWrites());
            assertEquals(3, guest.deviceMemory().unclaimedReads());
        }
    }
}
