package io.javisor.emulator.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.TraceRequest;
import io.javisor.core.engine.TraceSink;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.step.FlatMemory;
import io.javisor.emulator.step.StepContext;
import io.javisor.emulator.step.Stepper;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InstructionTracerTest {
    private static final int CODE = 0x1000;

    private final CpuBlock cpu = new CpuBlock(Arena.ofAuto().allocate(VectorLayout.SIZE, 4096));
    private final FlatMemory memory = new FlatMemory(cpu);
    private final StepCode code = new StepCode(cpu);
    private final StepContext context = new StepContext(cpu, memory, code);
    private final Stepper stepper = new Stepper(context, new Decoder(Feature.all()), instruction -> {
        throw cpu.generalProtection();
    });
    private final List<String> lines = new ArrayList<>();
    private final TraceSink sink = new TraceSink() {
        @Override
        public void line(CharSequence text) {
            lines.add(text.toString());
        }

        @Override
        public void flush() {
            lines.add("flushed");
        }
    };
    private final InstructionTracer tracer =
            new InstructionTracer(3, cpu, context, stepper, new TraceRequest(sink, CODE, CODE + 0xFF));

    @BeforeEach
    void protectedMode() {
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_PE | Bits.CR0_NE);
        cpu.setRflags(Bits.RFLAGS_FIXED);
        mode(SegmentAttributes.BIG);
    }

    @AfterEach
    void close() {
        code.close();
    }

    private void mode(int attribute) {
        int data = SegmentAttributes.CODE_OR_DATA | SegmentAttributes.PRESENT | SegmentAttributes.WRITABLE;
        for (int segment = 0; segment < CpuBlock.LDTR; segment++) {
            int kind = segment == CpuBlock.CS ? SegmentAttributes.CODE : 0;
            cpu.setSegment(segment, 8, 0, attribute == 0 ? 0xffff : -1, data | kind | attribute);
        }
        cpu.modeChanged();
    }

    private void longMode() {
        cpu.putLong(StateLayout.EFER_OFFSET, Bits.EFER_LME | Bits.EFER_LMA);
        mode(SegmentAttributes.LONG);
    }

    private void load(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        for (int i = 0; i < bytes.length; i++) {
            memory.set(CODE + i, bytes[i]);
        }
        cpu.setRip(CODE);
    }

    private void trace(String hex, int steps) {
        load(hex);
        for (int i = 0; i < steps; i++) {
            assertTrue(tracer.covers());
            tracer.step();
        }
    }

    @Test
    void saysWhatIsExecutedAndWhatChanges() {
        cpu.setGpr(CpuBlock.RSP, 0x8000);
        trace("b8 ff ff ff ff  83 c0 01  90  53", 4);
        assertEquals(
                List.of(
                        "3 -- 32-bit, cs 8, ring 0",
                        "3 00001000  b8 ff ff ff ff           mov eax,0xffffffff                ; eax=ffffffff",
                        "3 00001005  83 c0 01                 add eax,0x1                       ; eax=0 flags=57[cf pf"
                                + " af zf]",
                        "3 00001008  90                       nop",
                        "3 00001009  53                       push ebx                          ; esp=7ffc"),
                lines);
    }

    @Test
    void namesRegistersAndAddressesOf64BitModeWhole() {
        longMode();
        cpu.setGpr(CpuBlock.RDI, 0x2000);
        cpu.setGpr(CpuBlock.RCX, 8);
        cpu.setBase(CpuBlock.GS, 0x3000);
        memory.set(0x2018, 0x1F);
        trace("48 8b 44 cf d8  65 8b 1c 25 10 00 00 00  48 8d 15 10 00 00 00  41 b8 01 00 00 00", 4);
        assertEquals(
                List.of(
                        "3 -- 64-bit, cs 8, ring 0",
                        "3 0000000000001000  48 8b 44 cf d8           mov rax,QWORD PTR [rdi+rcx*8-0x28] @2018 ;"
                                + " rax=1f",
                        "3 0000000000001005  65 8b 1c 25 10 00 00 00  mov ebx,DWORD PTR gs:0x10         @3010",
                        "3 000000000000100d  48 8d 15 10 00 00 00     lea rdx,[rip+0x10]        # 0x1024 ; rdx=1024",
                        "3 0000000000001014  41 b8 01 00 00 00        mov r8d,0x1                       ; r8=1"),
                lines);
    }

    @Test
    void realModeAddressesAreLinear() {
        cpu.putLong(StateLayout.CR0_OFFSET, 0);
        mode(0);
        cpu.setSegment(CpuBlock.CS, 0x80, 0x800, 0xffff, cpu.attributes(CpuBlock.CS));
        cpu.setSegment(CpuBlock.DS, 0x100, 0x1000, 0xffff, cpu.attributes(CpuBlock.DS));
        cpu.modeChanged();
        load("a1 34 12");
        cpu.setRip(0x800);
        assertTrue(tracer.covers());
        memory.set(0x2234, 7);
        tracer.step();
        assertEquals(
                List.of(
                        "3 -- 16-bit (real mode), cs 80, ring 0",
                        "3 00001000  a1 34 12                 mov ax,ds:0x1234                  @2234 ; eax=7"),
                lines);
    }

    @Test
    void tellsFaultsAndGoesOnElsewhere() {
        load("0f 0b");
        assertThrows(CpuFault.class, tracer::step);
        load("0f ff c3");
        assertThrows(CpuFault.class, tracer::step);
        load("8b 05 78 56 34 12");
        assertThrows(CpuFault.class, tracer::step);
        load("fa");
        assertThrows(CpuFault.class, tracer::step);
        trace("90 90", 2);
        cpu.setRip(CODE);
        tracer.step();
        assertEquals(
                List.of(
                        "3 -- 32-bit, cs 8, ring 0",
                        "3 00001000  0f 0b                    ud2                               ; #UD",
                        "3 00001000  0f ff c3                 (undefined)                       ; #UD",
                        "3 00001000  8b 05 78 56 34 12        mov eax,DWORD PTR ds:0x12345678   @12345678 ; #PF(4) at"
                                + " 12345678",
                        "3 00001000  fa                       cli                               ; #GP(0)",
                        "3 00001000  90                       nop",
                        "3 00001001  90                       nop",
                        "3 -- from elsewhere",
                        "3 00001000  90                       nop"),
                lines);
    }

    @Test
    void whereThereIsNoCodeItSaysSo() {
        mode(SegmentAttributes.BIG);
        InstructionTracer all = new InstructionTracer(0, cpu, context, stepper, new TraceRequest(sink, 0, -1));
        cpu.setRip(0x20000);
        assertTrue(all.covers());
        assertThrows(CpuFault.class, all::step);
        assertEquals("0 00020000  (not fetched)                     ; #PF(14) at 0", lines.getLast());
    }

    @Test
    void coversTheRangeAlone() {
        cpu.setRip(CODE - 1);
        assertFalse(tracer.covers());
        cpu.setRip(CODE);
        assertTrue(tracer.covers());
        cpu.setRip(CODE + 0xFF);
        assertTrue(tracer.covers());
        cpu.setRip(CODE + 0x100);
        assertFalse(tracer.covers());
    }

    @Test
    void upperAddressesAreARangeToo() {
        TraceRequest kernel = new TraceRequest(sink, 0xFFFF_FFFF_8000_0000L, -1);
        assertTrue(kernel.covers(-1));
        assertTrue(kernel.covers(0xFFFF_FFFF_8000_0000L));
        assertFalse(kernel.covers(0xFFFF_FFFF_7FFF_FFFFL));
        assertFalse(kernel.covers(0));
        assertTrue(kernel.touches(0xFFFF_FFFF_7FFF_F000L, 0xFFFF_FFFF_8000_0000L));
        assertFalse(kernel.touches(0xFFFF_FFFF_7FFF_F000L, 0xFFFF_FFFF_7FFF_FFFFL));
        assertTrue(new TraceRequest(sink, 0, -1).covers(0x1234));
        assertThrows(IllegalArgumentException.class, () -> new TraceRequest(sink, -1, 0));
    }

    @Test
    void aPauseShowsWhatThereIs() {
        tracer.pause();
        assertEquals(List.of("flushed"), lines);
    }
}
