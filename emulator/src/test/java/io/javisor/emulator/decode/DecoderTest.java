package io.javisor.emulator.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecoderTest {
    private final Instruction instruction = new Instruction();

    private int decode(Set<Feature> features, int mode, String hex) {
        byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
        return new Decoder(features).decode(MemorySegment.ofArray(code), 0, code.length, mode, instruction);
    }

    private int decode(int mode, String hex) {
        return decode(Feature.all(), mode, hex);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "64 | 48 83 c4 08                   | add rsp,0x8",
                "64 | 4c 8d 05 f9 ff ff ff          | lea r8,[rip-0x7]        # 0x1000",
                "64 | f0 48 0f c7 0f                | lock cmpxchg16b XMMWORD PTR [rdi]",
                "64 | 65 48 8b 04 25 28 00 00 00    | mov rax,QWORD PTR gs:0x28",
                "64 | f3 48 ab                      | rep stos QWORD PTR es:[rdi],rax",
                "64 | 40 88 f4                      | mov spl,sil",
                "64 | 88 f4                         | mov ah,dh",
                "64 | 48 b8 88 77 66 55 44 33 22 11 | movabs rax,0x1122334455667788",
                "64 | 66 41 50                      | push r8w",
                "64 | c4 e2 f1 98 c2                | vfmadd132pd xmm0,xmm1,xmm2",
                "64 | c5 f5 58 02                   | vaddpd ymm0,ymm1,YMMWORD PTR [rdx]",
                "64 | c4 e2 6d 90 04 88             | vpgatherdd ymm0,DWORD PTR [rax+ymm1*4],ymm2",
                "64 | f2 66 0f 38 f1 c0             | crc32 eax,ax",
                "64 | 66 f3 0f b8 c1                | popcnt ax,cx",
                "64 | e8 fb ff ff ff                | call 0x1000",
                "32 | 67 8b 00                      | mov eax,DWORD PTR [bx+si]",
                "32 | 66 e9 fb ff                   | jmp 0xfff",
                "32 | c5 06                         | lds eax,FWORD PTR [esi]",
                "32 | 62 06                         | bound eax,QWORD PTR [esi]",
                "32 | 9a 78 56 34 12 bc 9a          | call 0x9abc:0x12345678",
                "16 | 8b 46 fe                      | mov ax,WORD PTR [bp-0x2]",
                "16 | 66 67 8b 04 8d 00 00 00 00    | mov eax,DWORD PTR [ecx*4+0x0]",
                "16 | 40                            | inc ax",
                "16 | c8 34 12 05                   | enter 0x1234,0x5",
            })
    void readsWhatTheManualSays(int mode, String hex, String text) {
        assertEquals(Decoder.OK, decode(mode, hex));
        assertEquals(hex.replace(" ", "").length() / 2, instruction.length());
        assertEquals(text, Disassembler.text(instruction, 0x1000));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "64 | 06             | PUSH ES is not there in 64-bit mode",
                "64 | 62 f1 7c 48 58 c0 | EVEX",
                "32 | 62 f1          | EVEX in 32-bit mode, BOUND with a register",
                "64 | f0 01 c0       | LOCK with a register",
                "64 | f0 8b 00       | LOCK before MOV",
                "64 | f0 39 00       | LOCK before CMP",
                "64 | 0f 0b          | UD2",
                "64 | 0f 04          | nothing is at 0F 04",
                "64 | 66 c5 f8 58 c0 | 66 before VEX",
                "64 | 48 c5 f8 58 c0 | REX before VEX",
                "64 | c5 f0 28 c0    | VMOVAPS with vvvv",
                "64 | c4 e2 6d 90 14 88 | VPGATHERDD whose mask is its target",
                "64 | c4 e2 6d 90 00 | VPGATHERDD without SIB",
                "64 | 8e c8          | MOV to CS",
                "64 | 8c f0          | MOV from a seventh segment",
                "64 | 0f 20 c8       | MOV from CR1",
                "64 | 44 0f 21 c0    | MOV from DR8",
                "64 | 8d c0          | LEA of a register",
                "64 | 66 0f c3 00    | MOVNTI with 66",
                "64 | c6 48 00 00    | nothing is at C6 /1 but /7",
                "64 | 8f c9 78 c1 c0 | XOP",
            })
    void isUndefined(int mode, String hex, String why) {
        assertEquals(Decoder.UNDEFINED, decode(mode, hex), why);
    }

    @Test
    void anInstructionIsAskedForUntilItIsWhole() {
        String hex = "6667f04881840512345678ff000000";
        for (int bytes = 0; bytes < 15; bytes++) {
            assertEquals(Decoder.NEEDS_MORE, decode(64, hex.substring(0, 2 * bytes)), bytes + " bytes");
        }
        assertEquals(Decoder.OK, decode(64, hex));
        assertEquals(15, instruction.length());
    }

    @Test
    void moreThanFifteenBytesAreTooLong() {
        assertEquals(Decoder.TOO_LONG, decode(64, "6666" + "6667f048810405123456789a" + "bcdef012"));
        assertEquals(Decoder.TOO_LONG, decode(64, "66".repeat(15)));
        assertEquals(Decoder.NEEDS_MORE, decode(64, "66".repeat(14)));
        assertEquals(Decoder.OK, decode(64, "66".repeat(14) + "90"));
    }

    @Test
    void whatCannotBecomeAnInstructionIsUndefinedWithoutTheRest() {
        assertEquals(Decoder.UNDEFINED, decode(64, "62"));
        assertEquals(Decoder.NEEDS_MORE, decode(32, "62"));
        assertEquals(Decoder.UNDEFINED, decode(64, "0fa6"));
    }

    @Test
    void onlyTheRexRightBeforeTheOpcodeCounts() {
        assertEquals(Decoder.OK, decode(64, "4866 01c8"));
        assertEquals("add ax,cx", Disassembler.text(instruction, 0));
        assertEquals(Decoder.OK, decode(64, "664801c8"));
        assertEquals("add rax,rcx", Disassembler.text(instruction, 0));
    }

    @Test
    void inLongModeOnlyFsAndGsOverride() {
        assertEquals(Decoder.OK, decode(64, "65 2e 8b 00"));
        assertEquals(Instruction.GS, instruction.segment());
        assertEquals(Decoder.OK, decode(32, "65 2e 8b 00"));
        assertEquals(Instruction.CS, instruction.segment());
    }

    @Test
    void theStackSegmentIsTheDefaultOfBpAndSp() {
        assertEquals(Decoder.OK, decode(32, "8b 45 00"));
        assertEquals(Instruction.SS, instruction.segment());
        assertEquals(Decoder.OK, decode(32, "8b 04 24"));
        assertEquals(Instruction.SS, instruction.segment());
        assertEquals(Decoder.OK, decode(64, "41 8b 45 00"));
        assertEquals(Instruction.DS, instruction.segment(), "R13 is not RBP");
        assertEquals(Decoder.OK, decode(16, "8b 46 00"));
        assertEquals(Instruction.SS, instruction.segment());
    }

    @Test
    void whatIsNotOfferedIsUndefinedOrWhatItWasBefore() {
        Set<Feature> old = EnumSet.complementOf(EnumSet.of(Feature.ABM, Feature.BMI1, Feature.AVX, Feature.AVX2));
        assertEquals(Decoder.OK, decode(old, 64, "f3 0f bd c1"));
        assertEquals("bsr eax,ecx", Disassembler.text(instruction, 0));
        assertEquals(Decoder.OK, decode(old, 64, "f3 0f bc c1"));
        assertEquals("bsf eax,ecx", Disassembler.text(instruction, 0));
        assertEquals(Decoder.UNDEFINED, decode(old, 64, "c5 f8 58 c0"));
        Set<Feature> noAvx2 = EnumSet.complementOf(EnumSet.of(Feature.AVX2));
        assertEquals(Decoder.OK, decode(noAvx2, 64, "c5 f9 fc c0"));
        assertEquals(Decoder.UNDEFINED, decode(noAvx2, 64, "c5 fd fc c0"));
    }

    @Test
    void tellsWhatAFormReadsAndWrites() {
        assertEquals(Decoder.OK, decode(64, "48 11 08"));
        Form adc = instruction.form();
        assertEquals(InstructionClass.COMPUTE, adc.kind());
        assertEquals(Flags.CF, adc.flags().read());
        assertEquals(Flags.STATUS, adc.flags().written());
        assertTrue(adc.operands().get(0).read() && adc.operands().get(0).written());
        assertTrue(adc.operands().get(1).read());
        assertFalse(adc.operands().get(1).written());
        assertTrue(adc.has(Trait.LOCK));
        assertEquals(Decoder.OK, decode(64, "66 0f 58 00"));
        assertTrue(instruction.form().has(Trait.ALIGN) && instruction.form().has(Trait.FP));
        assertEquals(Decoder.OK, decode(64, "c5 f9 58 00"));
        assertFalse(instruction.form().has(Trait.ALIGN), "VEX operands need not be aligned");
        assertEquals(Decoder.OK, decode(64, "d3 e0"));
        assertEquals(Flags.STATUS, instruction.form().flags().maybe());
    }
}
