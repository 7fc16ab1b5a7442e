package io.javisor.gdb;

import java.util.ArrayList;
import java.util.List;

/**
 * The registers and how GDB is told of them (GDB manual, "Target Descriptions", "i386 Features"). It is that of a 64-bit processor in every mode: a
 * client asks once, and a guest changes its mode.
 */
final class TargetDescription {
    /** All registers; a register's number is its place here. */
    static final List<Register> REGISTERS;

    /** The description, a document in XML. */
    static final String XML;

    private static final String FLAGS = """
        <flags id="i386_eflags" size="4">
          <field name="" start="22" end="31"/>
          <field name="ID" start="21" end="21"/>
          <field name="VIP" start="20" end="20"/>
          <field name="VIF" start="19" end="19"/>
          <field name="AC" start="18" end="18"/>
          <field name="VM" start="17" end="17"/>
          <field name="RF" start="16" end="16"/>
          <field name="NT" start="14" end="14"/>
          <field name="IOPL" start="12" end="13"/>
          <field name="OF" start="11" end="11"/>
          <field name="DF" start="10" end="10"/>
          <field name="IF" start="9" end="9"/>
          <field name="TF" start="8" end="8"/>
          <field name="SF" start="7" end="7"/>
          <field name="ZF" start="6" end="6"/>
          <field name="AF" start="4" end="4"/>
          <field name="PF" start="2" end="2"/>
          <field name="" start="1" end="1"/>
          <field name="CF" start="0" end="0"/>
        </flags>
        """;

    private static final String VECTORS = """
        <vector id="v4f" type="ieee_single" count="4"/>
        <vector id="v2d" type="ieee_double" count="2"/>
        <vector id="v16i8" type="int8" count="16"/>
        <vector id="v8i16" type="int16" count="8"/>
        <vector id="v4i32" type="int32" count="4"/>
        <vector id="v2i64" type="int64" count="2"/>
        <union id="vec128">
          <field name="v4_float" type="v4f"/>
          <field name="v2_double" type="v2d"/>
          <field name="v16_int8" type="v16i8"/>
          <field name="v8_int16" type="v8i16"/>
          <field name="v4_int32" type="v4i32"/>
          <field name="v2_int64" type="v2i64"/>
          <field name="uint128" type="uint128"/>
        </union>
        <flags id="i386_mxcsr" size="4">
          <field name="IE" start="0" end="0"/>
          <field name="DE" start="1" end="1"/>
          <field name="ZE" start="2" end="2"/>
          <field name="OE" start="3" end="3"/>
          <field name="UE" start="4" end="4"/>
          <field name="PE" start="5" end="5"/>
          <field name="DAZ" start="6" end="6"/>
          <field name="IM" start="7" end="7"/>
          <field name="DM" start="8" end="8"/>
          <field name="ZM" start="9" end="9"/>
          <field name="OM" start="10" end="10"/>
          <field name="UM" start="11" end="11"/>
          <field name="PM" start="12" end="12"/>
          <field name="FZ" start="15" end="15"/>
        </flags>
        """;

    static {
        List<Register> all = new ArrayList<>();
        StringBuilder xml = new StringBuilder("""
            <?xml version="1.0"?>
            <!DOCTYPE target SYSTEM "gdb-target.dtd">
            <target version="1.0">
            <architecture>i386:x86-64</architecture>
            """);
        List<Register> core = new ArrayList<>(WordRegisters.general());
        core.addAll(WordRegisters.selectors());
        core.addAll(StateRegisters.x87());
        feature(xml, all, "org.gnu.gdb.i386.core", FLAGS, core);
        feature(xml, all, "org.gnu.gdb.i386.sse", VECTORS, StateRegisters.sse());
        feature(xml, all, "org.gnu.gdb.i386.segments", "", WordRegisters.bases());
        List<Register> system = new ArrayList<>();
        system.add(StateRegisters.kernelGsBase());
        system.addAll(WordRegisters.system());
        feature(xml, all, "io.javisor.system", "", system);
        REGISTERS = List.copyOf(all);
        XML = xml.append("</target>\n").toString();
    }

    private TargetDescription() {}

    private static void feature(
            StringBuilder xml, List<Register> all, String name, String types, List<Register> registers) {
        xml.append("<feature name=\"").append(name).append("\">\n").append(types);
        for (Register register : registers) {
            xml.append("  <reg name=\"").append(register.name());
            xml.append("\" bitsize=\"").append(8 * register.sizeBytes());
            xml.append("\" type=\"").append(register.type());
            xml.append("\" regnum=\"").append(all.size()).append('"');
            String group = register instanceof Register.Part part ? part.group() : null;
            if (group != null) {
                xml.append(" group=\"").append(group).append('"');
            }
            xml.append("/>\n");
            all.add(register);
        }
        xml.append("</feature>\n");
    }
}
