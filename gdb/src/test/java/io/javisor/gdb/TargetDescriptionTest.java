package io.javisor.gdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class TargetDescriptionTest {
    private static Document document() throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(TargetDescription.XML.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void itIsWellFormedAndNumbersEachRegisterOnce() throws Exception {
        NodeList registers = document().getElementsByTagName("reg");
        assertEquals(TargetDescription.REGISTERS.size(), registers.getLength());
        Set<String> names = new HashSet<>();
        for (int i = 0; i < registers.getLength(); i++) {
            Element register = (Element) registers.item(i);
            assertEquals(i, Integer.parseInt(register.getAttribute("regnum")));
            assertEquals(TargetDescription.REGISTERS.get(i).name(), register.getAttribute("name"));
            assertEquals(
                    8 * TargetDescription.REGISTERS.get(i).sizeBytes(),
                    Integer.parseInt(register.getAttribute("bitsize")));
            assertTrue(names.add(register.getAttribute("name")), register.getAttribute("name"));
        }
    }

    /** GDB takes its own numbers for these, whose order its manual has ("i386 Features"). */
    @Test
    void theCoreIsInGdbsOrder() {
        assertEquals("rax", TargetDescription.REGISTERS.get(0).name());
        assertEquals("rsp", TargetDescription.REGISTERS.get(7).name());
        assertEquals("rip", TargetDescription.REGISTERS.get(16).name());
        assertEquals("eflags", TargetDescription.REGISTERS.get(17).name());
        assertEquals("gs", TargetDescription.REGISTERS.get(23).name());
        assertEquals("st0", TargetDescription.REGISTERS.get(24).name());
        assertEquals("fop", TargetDescription.REGISTERS.get(39).name());
        assertEquals("xmm0", TargetDescription.REGISTERS.get(40).name());
        assertEquals("mxcsr", TargetDescription.REGISTERS.get(56).name());
        assertEquals("fs_base", TargetDescription.REGISTERS.get(57).name());
    }
}
