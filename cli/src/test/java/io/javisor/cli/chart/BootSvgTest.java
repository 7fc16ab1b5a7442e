package io.javisor.cli.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The picture, read back as XML. */
class BootSvgTest {
    private static final String MACHINE = "javisor: vmlinux, 1 CPU";

    /** Where a text is, by what the widest of the fonts in question takes. */
    private record Box(String text, double left, double top, double right, double bottom) {
        boolean meets(Box other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }
    }

    @Test
    void everyPhaseHasALabelADurationAndABar() throws Exception {
        BootTimeline boot = BootTimeline.of(Traces.linux());
        Document picture = parse(BootSvg.draw(MACHINE, boot));
        List<String> texts = texts(picture);
        for (BootTimeline.Phase phase : boot.phases()) {
            assertTrue(texts.contains(phase.label()), () -> phase.label() + " in " + texts);
            assertTrue(texts.contains(TimeAxis.duration(phase.nanos())), phase::label);
        }
        for (BootTimeline.Silence silence : boot.silences()) {
            assertTrue(texts.contains(silence.after()), silence::after);
            assertTrue(texts.contains(silence.before()), silence::before);
        }
        assertTrue(texts.contains("Boot by javisor: ready after 5.25 s"), texts::toString);
        assertTrue(texts.contains(MACHINE), texts::toString);
        assertEquals("svg", picture.getDocumentElement().getLocalName());
        assertEquals(
                "title",
                picture.getDocumentElement().getElementsByTagName("*").item(0).getNodeName());
        assertTrue(picture.getElementsByTagName("desc").item(0).getTextContent().contains("guest memory 20 ms"));
    }

    @Test
    void barsAreAsLongAsTheirPhases() throws Exception {
        BootTimeline boot = BootTimeline.of(Traces.linux());
        List<Element> bars = elements(parse(BootSvg.draw(MACHINE, boot)), "rect");
        double own = 0;
        for (Element bar : bars.subList(1, 10)) { // behind the background
            own += number(bar, "width");
        }
        assertEquals(650, own, 3);
        assertEquals(650.0 * 4000 / 5250, number(bars.get(12), "width"), 0.1);
        assertEquals(450 + 650.0 * 1000 / 5250, number(bars.get(12), "x"), 0.1);
    }

    @Test
    void textsDoNotMeetHoweverShortThePhasesAre() throws Exception {
        BootTrace even = Traces.linux();
        BootTrace crowded = new BootTrace(
                Traces.at(0), Traces.at(0), Traces.at(0), Traces.at(0), Map.of(), even.lines(), true, even.endNanos());
        List<BootTrace.Line> wide = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            wide.add(Traces.line(1000 + 500 * i, "[    0.000000] " + "W".repeat(180)));
        }
        for (BootTrace trace : List.of(even, crowded, Traces.of(wide, 400_000_000), Traces.of(List.of(), 202))) {
            Document picture = parse(BootSvg.draw("M".repeat(500), BootTimeline.of(trace)));
            List<Box> boxes =
                    elements(picture, "text").stream().map(BootSvgTest::box).toList();
            double height = number(picture.getDocumentElement(), "height");
            for (int i = 0; i < boxes.size(); i++) {
                Box box = boxes.get(i);
                assertTrue(box.left >= 0 && box.right <= BootSvg.WIDTH && box.bottom <= height, box::toString);
                for (Box other : boxes.subList(0, i)) {
                    assertFalse(box.meets(other), () -> box + " meets " + other);
                }
            }
        }
    }

    @Test
    void aHostileGuestWritesNoXml() throws Exception {
        String evil = "</text></svg><script>alert(1)</script><!--]]>&xxe;\"'\u0000\u001B[31m\uD800\uFFFF";
        BootRecorder recorder = new BootRecorder(() -> 1);
        for (int i = 0; i < 3; i++) {
            (evil + "\n").chars().forEach(unit -> recorder.consoleOutput(unit & 0xFF));
        }
        List<BootTrace.Line> lines = new ArrayList<>();
        for (BootTrace.Line line : recorder.lines()) {
            lines.add(Traces.line(1000 + 1000 * lines.size(), line.text()));
        }
        Document picture = parse(BootSvg.draw(evil, BootTimeline.of(Traces.of(lines, 5000))));
        assertEquals(0, picture.getElementsByTagName("script").getLength());
        assertTrue(texts(picture).stream().anyMatch(text -> text.startsWith("</text></svg><script>alert(1)</script>")));
        NodeList all = picture.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            String name = all.item(i).getNodeName();
            assertTrue(
                    List.of("title", "desc", "rect", "line", "text").contains(name) || (i == 0 && name.equals("svg")),
                    name);
        }
    }

    @Test
    void aBootThatBreaksOffIsDrawn() throws Exception {
        BootTrace trace =
                new BootTrace(Traces.at(0), Traces.at(10), Traces.at(40), 0, Map.of(), List.of(), false, Traces.at(60));
        List<String> texts = texts(parse(BootSvg.draw("", BootTimeline.of(trace))));
        assertTrue(texts.contains("Boot by javisor: not ready, ended after 60 ms"), texts::toString);
        assertTrue(texts.contains("command line and configuration: not finished"), texts::toString);
    }

    @Test
    void aBootWithoutDuration() throws Exception {
        BootTrace trace =
                new BootTrace(Traces.at(0), Traces.at(0), Traces.at(0), 0, Map.of(), List.of(), false, Traces.at(0));
        assertFalse(texts(parse(BootSvg.draw("", BootTimeline.of(trace)))).isEmpty());
    }

    private static Document parse(String svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<Element> elements(Document picture, String name) {
        NodeList nodes = picture.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static List<String> texts(Document picture) {
        return elements(picture, "text").stream().map(Element::getTextContent).toList();
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    private static Box box(Element text) {
        int size = (int) number(text, "font-size");
        double perLetter = text.getAttribute("font-family").startsWith("ui-monospace") ? 0.61 : 0.55;
        double width = text.getTextContent().length() * size * perLetter;
        double left = number(text, "x") - (text.getAttribute("text-anchor").equals("middle") ? width / 2 : 0);
        double base = number(text, "y");
        return new Box(text.getTextContent(), left, base - 0.9 * size, left + width, base + 0.25 * size);
    }
}
